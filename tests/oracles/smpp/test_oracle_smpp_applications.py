"""Applications that nobody here wrote bind to our centre: what they send arrives, what it tells they understand."""

from __future__ import annotations

import json
import ssl

import pytest
import trustme
from tests.oracles.smpp.peers import node_script, python_script, run

from smskit.testing.smsc import SMSC, Form, Ids, Receipts
from smskit.transports.smpp import MessageState, Status

LONG = "À la une : ½ prix sur tout le magasin, € 20 remboursés. " * 5

CENTRES = [
    ("as it is", {}),
    ("one octet at a time", {"chunk": 1}),
    ("receipts before answers", {"receipts": Receipts(before_answer=True)}),
    ("receipts in message_payload", {"receipts": Receipts(in_payload=True)}),
    ("by the letter", {"strict": True}),
    ("answers that overtake each other", {"latency_s": (0.0, 0.05)}),
]
each_centre = pytest.mark.parametrize("options", [row[1] for row in CENTRES], ids=[row[0] for row in CENTRES])


def centre(**options) -> SMSC:
    return SMSC(accounts={"shop": "secret"}, **options)


@each_centre
def test_smpplib(options: dict) -> None:
    with centre(**options) as smsc:
        smsc.receive("33612345678", "STOP", to="36180")
        command = python_script("smpplib_application.py", "smpplib", smsc.host, str(smsc.port), "secret", LONG)
        told = run(command)
        assert smsc.assert_sent("33612345678").text == "Commande 4711"
        assert smsc.assert_sent("33698765432").text == LONG
        assert sorted(told["ids"]) == sorted(each.message_id for each in smsc.submissions)
        assert sorted(text.split()[0] for text in told["receipts"]) == sorted(f"id:{each}" for each in told["ids"])
        assert told["replies"] == ["STOP"]
        smsc.assert_all_acknowledged()
        smsc.assert_nothing_odd()


@pytest.mark.parametrize("has_body", [False, True])
def test_smpplib_is_refused(has_body: bool) -> None:
    with centre() as smsc:
        smsc.refuse_bind(Status.ESME_RINVPASWD, has_body=has_body)
        command = python_script("smpplib_application.py", "smpplib", smsc.host, str(smsc.port), "secret", LONG)
        assert run(command) == {"bind": Status.ESME_RINVPASWD}


def test_smpplib_is_throttled() -> None:
    with centre() as smsc:
        smsc.receive("33612345678", "STOP", to="36180")
        smsc.refuse(Status.ESME_RTHROTTLED, after=1, times=2)
        command = python_script("smpplib_application.py", "smpplib", smsc.host, str(smsc.port), "secret", LONG)
        told = run(command)
        assert told["refused"] == [Status.ESME_RTHROTTLED] * 2
        assert [each.status for each in smsc.submissions[:3]] == [0, Status.ESME_RTHROTTLED, Status.ESME_RTHROTTLED]


@each_centre
def test_smpp34(options: dict) -> None:
    with centre(**options) as smsc:
        smsc.receive("33612345678", "STOP", to="36180")
        told = run(python_script("smpp34_application.py", "smpp34", smsc.host, str(smsc.port), "secret", "60"))
        assert told["statuses"] == [0] * 60
        assert sorted(told["receipts"]) == sorted(told["ids"]) == sorted(each.message_id for each in smsc.submissions)
        assert {sent.text for sent in smsc.outbox} == {f"Commande {number}" for number in range(60)}
        assert told["replies"] == ["STOP"]
        smsc.assert_all_acknowledged()
        smsc.assert_nothing_odd()


def test_smpp34_is_throttled_and_hears_a_status_of_a_vendor() -> None:
    with centre() as smsc:
        smsc.receive("33612345678", "STOP", to="36180")
        smsc.refuse(Status.ESME_RTHROTTLED, times=3)
        smsc.refuse(0x45A, times=2)
        told = run(python_script("smpp34_application.py", "smpp34", smsc.host, str(smsc.port), "secret", "10"))
        assert sorted(told["statuses"]) == [0] * 5 + [Status.ESME_RTHROTTLED] * 3 + [0x45A] * 2


def test_smpp34_is_refused() -> None:
    with centre() as smsc:
        smsc.refuse_bind(Status.ESME_RINVPASWD, has_body=True)
        told = run(python_script("smpp34_application.py", "smpp34", smsc.host, str(smsc.port), "secret", "1"))
        assert "bind" in told


@pytest.mark.parametrize("with_tls", [False, True], ids=["plain", "with TLS"])
def test_node(with_tls: bool) -> None:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    tls = {"tls": server} if with_tls else {}
    with centre(delivered_after_s=60, ids=Ids.UUID, receipts=Receipts(form=Form.BOTH), **tls) as smsc:
        smsc.receive("33612345678", "STOP", to="36180")
        trust = authority.cert_pem.bytes().decode() if with_tls else None
        how = {"host": smsc.host, "port": smsc.port, "password": "secret", "tls": trust}
        told = run(node_script("node_application.js", json.dumps(how)))
        answers = told["answers"]
        assert {name: answer["status"] for name, answer in answers.items()} == dict.fromkeys(answers, 0)
        assert answers["query before"]["state"] == MessageState.ENROUTE
        assert answers["query after"]["state"] == MessageState.DELETED
        assert answers["query after"]["id"] == answers["submit_sm"]["id"] == smsc.submissions[0].message_id
        assert [sent.text for sent in smsc.outbox] == ["Prêt à 18 €", "x" * 1000, "pour tous", "pour tous"]
        assert [reply["text"] for reply in told["replies"]] == ["STOP"]
        assert (told["enquire"], told["unbind"]) == (0, 0)
        smsc.assert_all_acknowledged()
        smsc.assert_nothing_odd()
