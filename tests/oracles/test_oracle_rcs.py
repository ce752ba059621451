"""The numbers and words of others for rich messages are ours; where they are not, a table says why."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin

import pytest
from attrs import frozen
from tests.oracles.installed import package

from smskit.rcs import LIMITS, Application, Height, Orientation, Side, Traffic, ViewMode, Width

# ---------------------------------------------------------------- numbers


@cache
def of_aws() -> Mapping[str, float]:
    """Give every bound of what one call of AWS may hold for RCS."""
    model = package("botocore.session", "botocore").get_session().get_service_model("pinpoint-sms-voice-v2")
    call = model.shape_for("SendRcsMessageRequest").members
    shapes = [*_inside(call["RcsMessageContent"]), call["TimeToLive"]]
    bounds = ((shape, bound) for shape in shapes for bound in ("min", "max") if bound in shape.metadata)
    return {f"{shape.name} {bound}": shape.metadata[bound] for shape, bound in bounds}


def _inside(shape: Any) -> Iterator[Any]:
    yield shape
    if shape.type_name == "structure":
        for one in shape.members.values():
            yield from _inside(one)
    elif shape.type_name == "list":
        yield from _inside(shape.member)


BOUNDS = {"min_length": "min", "max_length": "max", "ge": "min", "le": "max"}


def in_models(models: Iterable[Any]) -> Mapping[str, float]:
    """Give every bound that models of pydantic have for their members."""
    found: dict[str, float] = {}
    for model in models:
        for name, member in model.model_fields.items():
            for one in [*member.metadata, *_annotated(member.annotation)]:
                bounds = {bound: getattr(one, bound, None) for bound in BOUNDS}
                found |= {f"{model.__name__}.{name} {BOUNDS[bound]}": v for bound, v in bounds.items() if v is not None}
    return found


def _annotated(annotation: Any) -> Iterator[Any]:
    for one in getattr(annotation, "__metadata__", ()):
        yield from getattr(one, "metadata", (one,))
    for inner in get_args(annotation):
        yield from _annotated(inner)


@cache
def of_vonage() -> Mapping[str, float]:
    module = package("vonage_messages.models.rcs", "vonage-messages")
    return in_models(one for _, one in inspect.getmembers(module, inspect.isclass) if one.__module__ == module.__name__)


@cache
def of_bandwidth() -> Mapping[str, float]:
    models = inspect.getmembers(package("bandwidth.models", "bandwidth-sdk"), inspect.isclass)
    rich = re.compile("Rbm|MultiChannelAction")
    return in_models(one for name, one in models if rich.match(name) and hasattr(one, "model_fields"))


THEIRS: Mapping[str, Callable[[], Mapping[str, float]]] = {
    "botocore": of_aws,
    "vonage-messages": of_vonage,
    "bandwidth-sdk": of_bandwidth,
}


@frozen
class Row:
    """Numbers of others, by a pattern of their names, and the limit of ours that is about the same; 1 for not empty."""

    who: str
    names: str
    ours: str


EQUAL = [
    Row("botocore", "RcsTextBody max", "text.max"),
    Row("botocore", "RcsCardTitle max", "card.title.max"),
    Row("botocore", "RcsCardDescription max", "card.description.max"),
    Row("botocore", "RcsCardSuggestedActionList max", "suggestions.card.max"),
    Row("botocore", "RcsSuggestedActionList max", "suggestions.message.max"),
    Row("botocore", "RcsSuggestedActionText max", "suggestion.text.max"),
    Row("botocore", "RcsPostbackData max", "suggestion.postback.max"),
    Row("botocore", "RcsOpenUrlValue max", "openUrl.url.max"),
    Row("botocore", "RcsCalendarEventTitle max", "calendar.title.max"),
    Row("botocore", "RcsCalendarEventDescription max", "calendar.description.max"),
    Row("botocore", "RcsCarouselCardContentList min", "carousel.cards.min"),
    Row("botocore", "RcsCarouselCardContentList max", "carousel.cards.max"),
    Row("vonage-messages", r"RcsText\.text max", "text.max"),
    Row("vonage-messages", r"RcsCard\.title max", "card.title.max"),
    Row("vonage-messages", r"RcsCard\.text max", "card.description.max"),
    Row("vonage-messages", r"RcsCard\.suggestions max", "suggestions.card.max"),
    Row("vonage-messages", r"Rcs(Text|CarouselMessage)\.suggestions max", "suggestions.message.max"),
    Row("vonage-messages", r"RcsSuggestion\w+\.text max", "suggestion.text.max"),
    Row("vonage-messages", r"RcsSuggestionActionCreateCalendarEvent\.title max", "calendar.title.max"),
    Row("vonage-messages", r"RcsSuggestionActionCreateCalendarEvent\.description max", "calendar.description.max"),
    Row("vonage-messages", r"RcsCarousel\.cards min", "carousel.cards.min"),
    Row("vonage-messages", r"RcsCarousel\.cards max", "carousel.cards.max"),
    Row("bandwidth-sdk", r"RbmCardContent\.title max", "card.title.max"),
    Row("bandwidth-sdk", r"RbmCardContent\.description max", "card.description.max"),
    Row("bandwidth-sdk", r"RbmCardContent\.suggestions max", "suggestions.card.max"),
    Row("bandwidth-sdk", r"Rbm(Message\w+|StandaloneCard)\.suggestions max", "suggestions.message.max"),
    Row("bandwidth-sdk", r"(Rbm|MultiChannel)Action\w+\.text max", "suggestion.text.max"),
    Row("bandwidth-sdk", r"\w+\.postback_data max", "suggestion.postback.max"),
    Row("bandwidth-sdk", r"RbmActionOpenUrl\.url max", "openUrl.url.max"),
    Row("bandwidth-sdk", r"MultiChannelActionCalendarEvent\.title max", "calendar.title.max"),
    Row("bandwidth-sdk", r"MultiChannelActionCalendarEvent\.description max", "calendar.description.max"),
    Row("bandwidth-sdk", r"RbmMessageCarouselCard\.card_contents min", "carousel.cards.min"),
    Row("bandwidth-sdk", r"RbmMessageCarouselCard\.card_contents max", "carousel.cards.max"),
]


@frozen
class Other:
    """Numbers of others that ours are not, and why ours stay."""

    who: str
    names: str
    number: float
    ours: str
    why: str


NONE = "none"
DIFFERENT = [
    Other("botocore", r"Rcs(TextBody|CardTitle|CardDescription|SuggestedActionText|OpenUrlValue|CalendarEventTitle) min", 1, "form.empty", "the same, in other words: nothing empty"),
    Other("botocore", r"Rcs\w*SuggestedActionList min", 0, NONE, "the same, in other words"),
    Other("botocore", "RcsShowLocationActionLatitudeDouble min", -90, "form.degrees", "the same, in other words"),
    Other("botocore", "RcsShowLocationActionLatitudeDouble max", 90, "form.degrees", "the same, in other words"),
    Other("botocore", "RcsShowLocationActionLongitudeDouble min", -180, "form.degrees", "the same, in other words"),
    Other("botocore", "RcsShowLocationActionLongitudeDouble max", 180, "form.degrees", "the same, in other words"),
    Other("botocore", "RcsPostbackData min", 1, NONE, "RBM says nothing of empty postbacks"),
    Other("botocore", "RcsCalendarEventDescription min", 1, NONE, "RBM says nothing of empty descriptions of events"),
    Other("botocore", "RcsLocationLabel min", 1, NONE, "RBM says nothing of the label of a place"),
    Other("botocore", "RcsLocationLabel max", 100, NONE, "RBM says nothing of the label of a place"),
    Other("botocore", "RcsMediaUrl min", 1, "form.web_address", "the same, in other words"),
    Other("botocore", "RcsMediaUrl max", 2000, NONE, "RBM says nothing of the length of addresses of files"),
    Other("botocore", "Rcs(Carousel)?CardMediaHeightString min|Rcs\\w+(CardWidth|CardOrientation|ThumbnailImageAlignment|Application|WebviewViewMode)String min", 1, "form.word", "one of a few words with us"),
    Other("botocore", "Rcs(Carousel)?CardMediaHeightString max|Rcs\\w+(CardWidth|CardOrientation|ThumbnailImageAlignment|Application|WebviewViewMode)String max", 50, "form.word", "one of a few words with us"),
    Other("botocore", "PhoneNumber min", 1, "form.empty", "the same, in other words"),
    Other("botocore", "PhoneNumber max", 20, NONE, "RBM takes any digits; AWS wants E.164"),
    Other("botocore", "RcsTimeToLive min", 1, "ttl.min.recommended", "RBM takes less than a second, and advises ten"),
    Other("botocore", "RcsTimeToLive max", 172_800, "ttl.max", "AWS keeps a message for two days, RBM for fifteen"),
    Other("vonage-messages", r"Rcs(Text\.text|Card\.title|Card\.text|SuggestionActionCreateCalendarEvent\.title|Suggestion\w+\.text) min", 1, "form.empty", "the same, in other words: nothing empty"),
    Other("vonage-messages", r"Rcs\w+\.suggestions min", 1, NONE, "RBM takes an empty list; ours is not written"),
    Other("vonage-messages", r"RcsSuggestionAction\w+\.description min", 1, NONE, "RBM wants no description; the adapter puts one in"),
    Other("vonage-messages", r"RcsSuggestionActionOpenUrl(Webview)?\.description max", 500, NONE, "RBM says nothing of its length"),
    Other("vonage-messages", r"\w+\.ttl min", 20, "ttl.min.recommended", "of Vonage alone"),
    Other("vonage-messages", r"\w+\.ttl max", 259_200, "ttl.max", "Vonage keeps a message for three days, RBM for fifteen"),
    Other("vonage-messages", r"\w+\.client_ref max", 100, NONE, "of the call, and not of the message"),
    Other("bandwidth-sdk", r"RbmMessageContentText\.text max", 3270, "text.max", "every other source has 3072; what fits us fits them"),
    Other("bandwidth-sdk", r"Rbm\w+\.(file|thumbnail)_url max", 1000, NONE, "RBM says nothing of the length of addresses of files"),
    Other("bandwidth-sdk", r"RbmActionViewLocation\.label max", 100, NONE, "RBM says nothing of the label of a place"),
]  # fmt: skip


@pytest.mark.parametrize("who", THEIRS)
def test_every_number_of_theirs_is_in_one_row(who: str) -> None:
    rows = [row.names for row in (*EQUAL, *DIFFERENT) if row.who == who]
    found = {name: [row for row in rows if re.fullmatch(row, name)] for name in THEIRS[who]()}
    assert {name: matched for name, matched in found.items() if len(matched) != 1} == {}
    assert set(rows) == {row for matched in found.values() for row in matched}


@pytest.mark.parametrize("row", EQUAL, ids=[f"{row.ours}, {row.who}" for row in EQUAL])
def test_the_numbers_are_ours(row: Row) -> None:
    numbers = {number for name, number in THEIRS[row.who]().items() if re.fullmatch(row.names, name)}
    assert numbers == {LIMITS[row.ours].value}


@pytest.mark.parametrize("row", DIFFERENT, ids=[f"{row.names}, {row.who}" for row in DIFFERENT])
def test_what_differs_differs_as_it_is_told(row: Other) -> None:
    numbers = {number for name, number in THEIRS[row.who]().items() if re.fullmatch(row.names, name)}
    assert numbers == {row.number}
    if row.ours in LIMITS:
        assert row.number != LIMITS[row.ours].value


# ---------------------------------------------------------------- rules

HORIZONTAL = {"card_orientation": "HORIZONTAL"}
VERTICAL = {"card_orientation": "VERTICAL"}
SIDE = {"image_alignment": "LEFT"}
HEIGHT = {"media_height": "SHORT"}

RULES = [
    # what                                   options                  of the card  as Vonage sees it
    ("a wide card with a side",              {**HORIZONTAL, **SIDE},  {},          None),
    ("a wide card without",                  HORIZONTAL,              {},          "image_alignment must be specified"),
    ("a tall card with a height",            VERTICAL,                HEIGHT,      None),
    ("a tall card without",                  VERTICAL,                {},          "media_height must be specified"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "card", "refused"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_the_rules_are_those_of_vonage(options: dict[str, str], card: dict[str, str], refused: str | None) -> None:
    """Ours are ``horizontal.alignment`` and ``vertical.height``."""
    models = package("vonage_messages.models.rcs", "vonage-messages")
    told = {"title": "a", "text": "a", "media_url": "https://a.example/a.jpg", **card}

    def make() -> Any:
        return models.RcsCardMessage(to="33612000007", from_="A", card=told, rcs=options)

    if refused is None:
        assert make().card.title == "a"
    else:
        with pytest.raises(ValueError, match=refused):
            make()


# ---------------------------------------------------------------- words

UNSPECIFIED = re.compile(r"\w+_UNSPECIFIED")


def in_annotation(annotation: Any) -> set[str]:
    """Give the words that an annotation of Telnyx allows."""
    if get_origin(annotation) is not None and all(isinstance(one, str) for one in get_args(annotation)):
        return set(get_args(annotation))
    return {word for inner in get_args(annotation) for word in in_annotation(inner)}


def of_telnyx() -> Mapping[str, set[str]]:
    """Give the words of each member that has some, but for those that say nothing."""
    names = ("rcs_agent_message", "rcs_card_content", "rcs_suggestion", "rcs_content_info")
    modules = [package(f"telnyx.types.{name}", "telnyx") for name in names]
    models = (one for module in modules for _, one in inspect.getmembers(module, inspect.isclass))
    members = (
        (name, in_annotation(one.annotation))
        for m in models
        if hasattr(m, "model_fields")
        for name, one in m.model_fields.items()
    )
    return {name: {word for word in words if not UNSPECIFIED.fullmatch(word)} for name, words in members if words}


TELNYX: Mapping[str, set[str]] = {
    "card_orientation": {one.value for one in Orientation},
    "thumbnail_image_alignment": {one.value for one in Side},
    "card_width": {one.value for one in Width},
    "height": {one.value for one in Height},
    "application": {one.value for one in Application},
    "webview_view_mode": {one.value for one in ViewMode},
    # What an agent shows of itself; our transport has a method for each of the two.
    "event_type": {"IS_TYPING", "READ"},
}


def test_the_words_are_those_of_telnyx() -> None:
    words = of_telnyx()
    assert {name: one - {"TYPE_UNSPECIFIED"} for name, one in words.items()} == TELNYX


WORDS = [
    # who                        where                              theirs                                                    ours
    ("vonage-messages",          "vonage_messages.models.enums",    "RcsCardOrientation",                                     Orientation),
    ("vonage-messages",          "vonage_messages.models.enums",    "RcsImageAlignment",                                      Side),
    ("vonage-messages",          "vonage_messages.models.enums",    "RcsCardWidth",                                           Width),
    ("vonage-messages",          "vonage_messages.models.enums",    "RcsMediaHeight",                                         Height),
    ("vonage-messages",          "vonage_messages.models.enums",    "UrlWebviewViewMode",                                     ViewMode),
    ("vonage-messages",          "vonage_messages.models.enums",    "RcsCategory",                                            Traffic),
    ("bandwidth-sdk",            "bandwidth.models",                "StandaloneCardOrientationEnum",                          Orientation),
    ("bandwidth-sdk",            "bandwidth.models",                "ThumbnailAlignmentEnum",                                 Side),
    ("bandwidth-sdk",            "bandwidth.models",                "CardWidthEnum",                                          Width),
    ("bandwidth-sdk",            "bandwidth.models",                "RbmMediaHeightEnum",                                     Height),
    ("bandwidth-sdk",            "bandwidth.models",                "RbmOpenUrlEnum",                                         Application),
    ("bandwidth-sdk",            "bandwidth.models",                "RbmWebViewEnum",                                         ViewMode),
    ("google-cloud-dialogflow",  "google.cloud.dialogflow_v2beta1", "Intent.Message.RbmStandaloneCard.CardOrientation",       Orientation),
    ("google-cloud-dialogflow",  "google.cloud.dialogflow_v2beta1", "Intent.Message.RbmStandaloneCard.ThumbnailImageAlignment", Side),
    ("google-cloud-dialogflow",  "google.cloud.dialogflow_v2beta1", "Intent.Message.RbmCarouselCard.CardWidth",               Width),
    ("google-cloud-dialogflow",  "google.cloud.dialogflow_v2beta1", "Intent.Message.RbmCardContent.RbmMedia.Height",          Height),
]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "where", "theirs", "ours"), WORDS, ids=[f"{row[3].__name__}, {row[0]}" for row in WORDS]
)
def test_the_words_are_ours(who: str, where: str, theirs: str, ours: type[Enum]) -> None:
    found = package(where, who)
    for step in theirs.split("."):
        found = getattr(found, step)
    if who == "google-cloud-dialogflow":
        words = {one.name for one in found if not UNSPECIFIED.fullmatch(one.name)}
    else:
        # Vonage writes its categories small and with a hyphen.
        words = {one.value.upper().replace("-", "") for one in found}
    assert words == {one.value for one in ours}


def test_our_words_have_the_form_of_those_of_aws() -> None:
    model = package("botocore.session", "botocore").get_session().get_service_model("pinpoint-sms-voice-v2")
    forms = {
        shape.name: shape.metadata["pattern"]
        for shape in _inside(model.shape_for("RcsMessageContent"))
        if shape.name.endswith("String")
    }
    ours = [one.value for kind in (Height, Width, Orientation, Side, Application, ViewMode) for one in kind]
    assert len(forms) == 7
    assert all(re.fullmatch(form, word) for form in forms.values() for word in ours)
