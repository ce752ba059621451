"""Templates are read once, strictly, and filled without surprises."""

import pytest

from smskit.errors import TemplateError
from smskit.text import Template, Variable

READ = [
    # what                                     template                      variables
    ("a bare name ends where letters end",     "Bonjour $prenom, soldes",    ["${prenom}"]),
    ("braces hold any column name",            "À ${code postal} !",         ["${code postal}"]),
    ("a fallback stands behind a bar",         "${prenom|cher client}",      ["${prenom|cher client}"]),
    ("an empty fallback is a fallback",        "${prenom|}",                 ["${prenom|}"]),
    ("an accented name is a name",             "$prénom",                    ["${prénom}"]),
    ("two dollar signs are one",               "5 $$ de $nom",               ["${nom}"]),
    ("three are a sign and a variable",        "$$$nom",                     ["${nom}"]),
    ("the same variable twice",                "$nom $nom",                  ["${nom}", "${nom}"]),
    ("no variable at all",                     "Bonjour",                    []),
]  # fmt: skip

REFUSED = [
    # what                                     template            index
    ("a dollar sign at the end",               "10 $",             3),
    ("a dollar sign before a space",           "10 $ de remise",   3),
    ("a dollar sign before a digit",           "$5",               0),
    ("a brace that is not closed",             "Bonjour ${prenom", 8),
    ("a variable without a name",              "Bonjour ${}",      8),
    ("a fallback without a name",              "Bonjour ${|cher}", 8),
    ("a variable in a variable",               "${a${b}}",         0),
]  # fmt: skip

FILLED = [
    # what                                     template                values          text
    ("percent signs mean nothing",             "-15 % $nom 100%s",     ("Léa",),       "-15 % Léa 100%s"),
    ("a value may hold a dollar sign",         "$nom",                 ("$prenom",),   "$prenom"),
    ("a value may hold a percent sign",        "$nom",                 ("%s",),        "%s"),
    ("dollar signs are single in the text",    "5 $$",                 (),             "5 $"),
    ("two values in order",                    "$a$b",                 ("1", "2"),     "12"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "variables"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_reads(template, variables):
    assert [str(variable) for variable in Template.parse(template).variables] == variables


@pytest.mark.parametrize(("template", "index"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refuses(template, index):
    with pytest.raises(TemplateError) as refused:
        Template.parse(template)
    assert refused.value.index == index


@pytest.mark.parametrize(("template", "values", "text"), [c[1:] for c in FILLED], ids=[c[0] for c in FILLED])
def test_fills(template, values, text):
    assert Template.parse(template).fill(*values) == text


def test_a_template_is_a_str():
    with pytest.raises(TypeError, match="bytes"):
        Template.parse(b"Bonjour")  # type: ignore[arg-type]


def test_literals_may_be_exchanged_around_the_same_variables():
    template = Template.parse("l’été, $prenom…")
    folded = template.with_literals(["l'été, ", "..."])
    assert folded.fill("Léa") == "l'été, Léa..."
    assert folded.variables == (Variable("prenom"),)
