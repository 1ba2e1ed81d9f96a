"""Sentences of an answer that state nothing: greetings, announcements, courtesy, remarks on the documents. Pure."""

from __future__ import annotations

import re

from ert_core.languages import fold, is_any_stop_word, stems_of, words
from ert_core.verification.names import names
from ert_core.verification.quantities import quantities

# What an answer says of itself, of the question and of the documents.
_META = """
disent dit contiennent contenaient donnent indiquent mentionnent precisent fournissent repondent
document passage source texte text extrait excerpt fichier file information info detail answer reponse repondre
question hope help helpful espere esperer aide aider utile useful voici voila here dire say says said tell state
find found trouver read lire lu provide fournir fourni give donner donne mention mentionner indiquer indique
according selon apres base based above below dessus dessous following suivant suivante summary resume resumer short
bref brief hesiter hesite ask asked demander free feel know let sure course certainly bonjour hello merci thank
thanks please contain contient contenir precise preciser specify explicit directly concern concerne sujet topic
available disponible autre point element list liste plus need besoin further cite citer citation conclusion overall
general globalement see voir look cela these those user relevant permettre able unable cannot want savoir sorry
desole malheureusement unfortunately however cependant toutefois explain expliquer so context contexte bien sur
effet
"""
_META_STEMS = frozenset().union(*(stems_of(word) for word in _META.split()))
_SMALL_COUNT = 10.0
# "The documents do not mention the width of the well", "la largeur n'est pas précisée dans les passages".
_DOCUMENTS = (
    r"(?:(?:the|these|your|les?|la|ces?|cet|vos|des|aucun(?: des)?|no) )?(?:\w+ )?"
    r"(?:documents?|passages?|sources|texts?|textes?|extraits?|excerpts?|files?|fichiers?)"
)
_TELL = r"(?:mention|specif|stat|say|said|tell|told|give|indicat|provid|contain|precis|dis|dit|donn|contien|fourni)\w*"
_NOT_FOUND = re.compile(
    rf"^\W*(?:\w+, )?{_DOCUMENTS}(?: (?:fournis|provided|given|donnes))? "
    rf"(?:(?:do(?:es)? not|don't|doesn't|never) {_TELL}"
    rf"|n(?:e |'){_TELL} (?:pas|rien|aucun\w*)|(?:ne )?{_TELL} (?:no|nothing)|ne {_TELL})\b"
    rf"|^\W*none of {_DOCUMENTS} {_TELL}\b"
    rf"|\b(?:is|are|was|were|est|sont) (?:not|pas|never|nowhere) {_TELL} (?:in|by|dans|par) {_DOCUMENTS}\W*$"
    rf"|^\W*(?:there is |il n'y a )?(?:no|aucune?|pas d') ?(?:information|mention|detail|donnee|indication)s?\b"
    rf".*\b(?:in|dans) {_DOCUMENTS}\W*$"
)
# After one of these comes a claim.
_TURNS = re.compile(
    r"[;:]|\b(?:but|however|although|though|while|whereas|only|except|mais|cependant|bien qu|sauf|alors qu)"
)


def says_nothing(sentence: str) -> bool:
    """Whether a sentence needs no source: all its words speak of the answer, the question or the documents.

    Nor does a question, or a sentence that only says what the documents do not tell. A number always states
    something, but for the count in "Here are three points:", and so does a name, but in what was not found.
    """
    stripped = sentence.strip()
    counted = quantities(stripped)
    announces = stripped.endswith((":", "："))
    if any(q.unit or not announces or min(q.values) > _SMALL_COUNT for q in counted):
        return False
    plain = fold(stripped).replace("’", "'")
    if _NOT_FOUND.search(plain) and not _TURNS.search(plain):
        return True
    if stripped.endswith("?") and not names(stripped):
        return True
    text = stripped
    for quantity in reversed(counted):
        text = f"{text[: quantity.start]} {text[quantity.end :]}"
    content = [w for w in words(text) if not is_any_stop_word(w)]
    foreign = [w for w in content if stems_of(w).isdisjoint(_META_STEMS)]
    if any(part in foreign for name in names(stripped) for part in name.parts):
        return False
    return not foreign
