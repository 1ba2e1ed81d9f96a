"""Greetings, thanks and questions about ERT itself: what is answered without a search. Pure functions.

A message is small talk only when all of it is: the sentences below are matched whole, once greetings and polite
words around them are taken off, so that a real question is never swallowed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ert_core.languages import fold
from ert_core.locale import text
from ert_core.types import Answer, Message

_WORD = re.compile(r"[^\W_]")
_NOT_A_WORD = re.compile(r"[^\w]+|_")
_GREETING = {
    "fr": r"(?:re)?bonjour|bonsoir|salut|coucou|bonne (?:journee|soiree)|allo",
    "en": r"hello|hi|hey|hiya|good (?:morning|afternoon|evening|day)|greetings",
}
_ADDRESSED = {
    "fr": r"(?: (?:ert|a (?:tous|toutes|toi|vous)|tout le monde|madame|monsieur|toi))?",
    "en": r"(?: (?:ert|there|everyone|all|again|you))?",
}
_POLITE = {"fr": r"s il (?:te|vous) plait|svp|stp|dis moi|dites moi", "en": r"please|tell me"}
# Whole sentences, without accents or punctuation, one a line. A word is one of several ("|"), "_" stands for a
# space inside it, and a last "?" says that it may be missing. DOCS stands for "my documents".
_DOCS = {
    "fr": "mes_documents|nos_documents|les_documents|mes_fichiers|nos_fichiers|mes_donnees|nos_donnees|mes_textes",
    "en": "my_documents|our_documents|my_document|my_files|our_files|my_data|our_data|my_questions",
}
_SENTENCES: dict[str, dict[str, str]] = {
    "fr": {
        "thanks": """
            ok|super|parfait|genial|tres_bien|d_accord? merci beaucoup|bien|infiniment? ert|a_toi|a_vous?
            merci|je_te_remercie|je_vous_remercie pour|de ton_aide|votre_aide|ta_reponse|votre_reponse|tout|ces_reponses
            mille_mercis|grand_merci|je_te_remercie|je_vous_remercie
            super|parfait|genial""",
        "understood": """
            d_accord|ok|okay|tres_bien|c_est_note|compris|j_ai_compris|entendu|je_vois""",
        "goodbye": """
            au_revoir|a_bientot|a_demain|a_plus|a_plus_tard|bonne_journee|bonne_soiree|bonne_nuit|adieu|ciao ert?""",
        "wellbeing": """
            comment? ca_va|vas_tu|allez_vous|tu_vas bien?""",
        "who": """
            qui|qu es_tu|etes_vous|est_ert
            tu_es|t_es|vous_etes qui
            qu_est_ce_que|c_est_quoi c_est_que? ert
            comment t_appelles_tu|vous_appelez_vous|tu_t_appelles
            quel est ton|votre nom
            presente_toi|presentez_vous|peux_tu_te_presenter|pouvez_vous_vous_presenter
            qui t_a_fait|t_a_cree|vous_a_fait|vous_a_cree|t_a_programme|a_fait_ert|a_cree_ert
            es_tu|etes_vous un? humain|robot|ia|une_ia|une_intelligence_artificielle""",
        "abilities": """
            que sais_tu|savez_vous|peux_tu|pouvez_vous faire pour_moi?
            qu_est_ce_que tu_sais|tu_peux|vous_savez|vous_pouvez faire pour_moi?
            a_quoi sers_tu|servez_vous|sert_ert
            comment|en_quoi peux_tu|pouvez_vous m_aider
            comment fonctionnes_tu|fonctionnez_vous|marche_ert|fonctionne_ert|ert_marche_t_il|ert_fonctionne_t_il
            comment ca_marche|ca_fonctionne|tu_marches|tu_fonctionnes
            que fait|peut_faire ert
            aide|aide_moi|a_l_aide
            quelles_questions puis_je|est_ce_que_je_peux te|vous? poser""",
        "privacy": """
            ou vont|partent|sont|passent stockes|gardes|conserves|envoyes|stockees|gardees? DOCS stockes|gardes?
            ou DOCS vont|partent|sont_ils|sont_elles|vont_ils|vont_elles stockes|gardes|stockees?
            ou stockes_tu|gardes_tu|envoies_tu|stockez_vous|gardez_vous|envoyez_vous DOCS
            est_ce_que? DOCS sont|sont_ils|sont_elles|restent|restent_ils prives|privees|confidentiels|en_securite|ici
            est_ce_que? DOCS restent|restent_ils|quittent|quittent_ils sur? cette|ma machine|ordinateur
            est_ce_que? tu_envoies|vous_envoyez|ert_envoie DOCS ailleurs|sur_internet|quelque_part?
            envoies_tu|envoyez_vous DOCS ailleurs|sur_internet|quelque_part?
            est_ce_que? DOCS sont|sont_ils|sont_elles|seront|partent|partent_ils """
        """envoyes|envoyees|partages|partagees? ailleurs|sur_internet|en_ligne|quelque_part|dans_le_cloud?
            qui voit|lit|peut_voir|peut_lire DOCS""",
        "list": """
            quels|combien_de documents|fichiers """
        """as_tu|avez_vous|connais_tu|connaissez_vous|tu_as|vous_avez|y_a_t_il|sont_la
            quels_sont mes|les|tes documents|fichiers
            montre_moi|liste|donne_moi|affiche la_liste_de|la_liste? mes|les|des documents|fichiers""",
        "delete": """
            comment? puis_je|est_ce_que_je_peux|je_peux|peut_on|on_peut|faire_pour|je_fais_pour? """
        """supprimer|effacer|retirer|enlever|supprime_t_on|je_supprime """
        """un|le|ce|des|mes|mon|les|ces|tous_mes document|documents|fichier|fichiers
            je_veux|je_voudrais|j_aimerais supprimer|effacer|retirer un|des|mes document|documents|fichier|fichiers""",
        "add": """
            comment puis_je|est_ce_que_je_peux|je_peux|peut_on|on_peut|faire_pour|je_fais_pour? """
        """ajouter|importer|charger|deposer|mettre|ajoute_t_on|j_ajoute|on_ajoute """
        """un|des|mes|mon|les nouveau|nouveaux? document|documents|fichier|fichiers|pdf ici|dans_ert|a_ert?
            je_veux|je_voudrais|j_aimerais ajouter un|des|mes document|documents|fichier|fichiers""",
        "formats": """
            quels|quel format|formats|types|sortes de_fichiers|de_fichier|de_documents? """
        """lis_tu|lisez_vous|tu_lis|vous_lisez|sais_tu_lire|savez_vous_lire|peux_tu_lire|pouvez_vous_lire|acceptes_tu|"""
        """acceptez_vous|tu_acceptes|vous_acceptez|puis_je_ajouter|puis_je_deposer|prends_tu_en_charge|"""
        """prenez_vous_en_charge|ert_lit_il|ert_accepte_t_il|lit_ert|accepte_ert""",
    },
    "en": {
        "thanks": """
            ok|okay|great|perfect|good? thanks|thank_you|thx|cheers|many_thanks a_lot|so_much|very_much|again? ert?
            thanks|thank_you so_much|very_much|a_lot? for your_help|the_help|your_answer|the_answer|everything|that
            much_appreciated
            great|perfect""",
        "understood": """
            ok|okay|got_it|understood|i_understand|i_see|all_right|alright|very_well""",
        "goodbye": """
            bye|goodbye|good_bye|bye_bye|see_you|see_you_later|see_you_soon|good_night|have_a_nice_day ert?""",
        "wellbeing": """
            how_are_you doing|today?
            how_is_it_going|how_s_it_going|how_do_you_do""",
        "who": """
            who|what are_you|is_ert|s_ert
            what is|s your_name
            introduce_yourself
            who made|built|created|wrote you|ert
            are_you a|an|really? human|robot|bot|ai|real""",
        "abilities": """
            what can|could|do you do|help_with|help_me_with for_me|for_us?
            what can_i ask|do you|here?
            how can|could|do you help me|us?
            what are_you for|able_to_do
            how do_you|does_ert|does_this work
            what can|does ert do
            help|help_me|can_you_help|can_you_help_me""",
        "privacy": """
            where do|does|are|is|will DOCS go|stored|kept|saved|sent|end_up|stay to?
            where do|does you|ert store|keep|send|put|save DOCS
            are|is|do|does|will DOCS stay|be|kept? private|safe|secure|confidential|here|local|uploaded|shared online?
            are|do|does|will DOCS leave|sent|stay|stay_on|remain_on this_machine|my_machine|my_computer|anywhere|online
            do|does you|ert send|upload|share DOCS anywhere|online|to_the_internet|to_the_cloud?
            is|are DOCS being? sent|uploaded|shared anywhere|somewhere|online|elsewhere|to_the_internet|to_the_cloud?
            who can? see|sees|read|reads DOCS""",
        "list": """
            which|what|how_many documents|files do_you_have|have_you|do_you_know|are_there|did_i_add
            what|which are my|the|your documents|files
            show_me|list|give_me a_list_of|the_list_of? my|the|all|all_my? documents|files""",
        "delete": """
            how do_i|do_we|can_i|can_we|could_i|should_i|to delete|remove|erase a|an|some|my|the|all_my """
        """document|documents|file|files
            i_want_to|i_would_like_to delete|remove|erase a|some|my document|documents|file|files""",
        "add": """
            how do_i|do_we|can_i|can_we|could_i|should_i|to|do_you add|upload|import|load """
        """a|an|some|my|the|new|more|several new? document|documents|file|files|pdf|pdfs here|to_ert?
            i_want_to|i_would_like_to add|upload a|some|my document|documents|file|files""",
        "formats": """
            which|what file|document? format|formats|type|types|kind|kinds of_file|of_files|of_documents? """
        """do_you|can_you|does_ert|can_ert|can_i read|accept|support|open|handle|understand|add|upload""",
    },
}


def _pattern(sentence: str, docs: str) -> str:
    """The regular expression of one sentence; each word carries the space after it."""
    words = []
    for word in sentence.split():
        optional = word.endswith("?")
        choices = (docs if word == "DOCS" else word.rstrip("?")).replace("_", " ")
        words.append(f"(?:(?:{choices}) ){'?' if optional else ''}")
    return "".join(words)


_MATCHERS = {
    language: {
        topic: re.compile("|".join(_pattern(line, _DOCS[language]) for line in sentences.strip().splitlines()))
        for topic, sentences in topics.items()
    }
    for language, topics in _SENTENCES.items()
}
_OPENING = {
    language: re.compile(rf"(?:(?:{_GREETING[language]}){_ADDRESSED[language]}|{_POLITE[language]}|ert)(?: |$)")
    for language in _SENTENCES
}
_CLOSING = {language: re.compile(rf"(?: |^)(?:{_POLITE[language]}|ert)$") for language in _SENTENCES}
_WRITTEN_GREETING = re.compile(
    r"\s*(?:(?:re)?bonjour|bonsoir|salut|coucou|hello|hi|hey|good (?:morning|afternoon|evening))"
    r"(?:\s+(?:ert|à tous|tout le monde|there))?(?:\s*[,;.!:]+\s*|\s+[–—-]\s+)(?=\S)",
    re.IGNORECASE,
)


def small_talk(message: str, interface: str = "en") -> Answer | None:
    """The answer to a greeting, to thanks, to a question about ERT or to no word at all; None for anything else.

    What is said alike in both languages is answered in that of the interface.
    """
    if message.strip() and not _WORD.search(message):
        # Emoji or punctuation: with the turns before it would be the last question again.
        return Answer(text("small_talk.wordless", interface), "quotes", interface, finish_reason="small_talk")
    for language in sorted(_SENTENCES, key=lambda language: language != interface):
        topic = _topic(message, language)
        if topic is not None:
            values = {"formats": text("documents.formats", language)} if topic == "formats" else {}
            said = text(f"small_talk.{topic}", language, **values)
            return Answer(said, "quotes", language, finish_reason="small_talk")
    return None


def without_greeting(question: str) -> str:
    """A question without the "Bonjour," it begins with."""
    greeting = _WRITTEN_GREETING.match(question)
    return question[greeting.end() :] if greeting else question


def without_small_talk(history: Sequence[Message]) -> list[Message]:
    """The turns that were about the documents."""
    kept: list[Message] = []
    for message in history:
        if message.answer is None or message.answer.finish_reason != "small_talk":
            kept.append(message)
        elif kept and kept[-1].role == "user":
            kept.pop()
    return kept


def _topic(message: str, language: str) -> str | None:
    said = " ".join(_NOT_A_WORD.sub(" ", fold(message)).split())
    whole = _matching(said, language)
    if whole is not None or not said:
        return whole
    rest, greeted = said, False
    while (opening := _OPENING[language].match(rest)) is not None and rest:
        greeted = greeted or re.match(_GREETING[language], rest) is not None
        rest = rest[opening.end() :]
    rest = _CLOSING[language].sub("", rest)
    if not rest:
        return "greeting" if greeted else None
    return _matching(rest, language)


def _matching(said: str, language: str) -> str | None:
    return next((topic for topic, pattern in _MATCHERS[language].items() if pattern.fullmatch(f"{said} ")), None)
