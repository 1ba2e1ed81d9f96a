"""Small talk is answered without a search; a real question never is."""

import pytest

from ert_core.locale import text
from ert_core.small_talk import small_talk, without_greeting, without_small_talk
from ert_core.types import Answer, Message

FRENCH = {
    "greeting": "bonjour|Bonjour !|Salut ERT|bonsoir à tous",
    "thanks": "merci !|Merci beaucoup|ok merci|Merci pour ton aide.",
    "understood": "d'accord|Compris.",
    "goodbye": "Au revoir|à bientôt !",
    "wellbeing": "Comment ça va ?|ça va ?|Bonjour, comment allez-vous ?",
    "who": "qui es-tu ?|Qui êtes-vous ?|Bonjour, qui es-tu ?|C'est quoi ERT ?|C’est quoi, ERT ?",
    "abilities": "que sais-tu faire ?|Que pouvez-vous faire pour moi ?|À quoi sers-tu ?|comment ça marche ?|Aide",
    "privacy": "Où vont mes documents ?|où sont stockés mes fichiers ?|Mes documents restent-ils sur cette machine ?"
    "|Est-ce que mes données sont envoyées sur internet ?",
    "list": "Quels documents as-tu ?|quels sont mes documents ?|Combien de fichiers y a-t-il ?"
    "|Donne-moi la liste des documents",
    "delete": "Comment supprimer un document ?|comment puis-je effacer mes fichiers ?|puis-je supprimer un document ?",
    "add": "comment ajouter un document ?|Comment puis-je ajouter des fichiers, s'il te plaît ?",
    "formats": "Quels formats lis-tu ?|Quels types de fichiers acceptez-vous ?",
}
ENGLISH = {
    "greeting": "Hello|hi there!|Good morning|hey ERT",
    "thanks": "thanks|Thank you very much!|Thanks a lot|Thank you for your help",
    "understood": "I see|got it!",
    "goodbye": "bye|See you later",
    "wellbeing": "How are you?|Hello, how are you today?",
    "who": "Who are you?|What is ERT?|What's ERT?|Hello ERT, who are you?",
    "abilities": "what can you do?|Help|Hi! What can you do for me?|How do you work?",
    "privacy": "where do my documents go?|Are my files private?|Do you send my data anywhere?"
    "|Is my data sent anywhere?",
    "list": "Which documents do you have?|List my documents|how many files are there?|list files",
    "delete": "How do I delete a document?|How can I remove my files?",
    "add": "How do I add a document?|how to upload my files|How can I add some files, please?",
    "formats": "which formats do you read?|What file types can you open?",
}
QUESTIONS = [
    "Bonjour, quelle est la profondeur du forage F2 ?",
    "Quels documents faut-il pour le permis ?",
    "Combien de documents la mairie demande-t-elle ?",
    "How do I delete a file in the archive of the court?",
    "Which documents are needed for the permit?",
    "Who made the survey?",
    "d'accord avec le bailleur ?",
    "Hello, how many electrodes were used?",
    "Qui es-tu allé voir à Tromsø ?",
    "Qui est le bailleur ?",
    "Thanks to which law did the tenant win?",
    "Merci de me donner la profondeur du forage",
    "What can the landlord do?",
    "What can you do with a resistivity meter in the rain?",
    "Que peut faire le bailleur ?",
    "Que sais-tu faire avec un résistivimètre ?",
    "Où vont les lixiviats ?",
    "Where do the documents of the court go?",
    "Comment ajouter un document au dossier de permis ?",
    "Which formats does the tender accept?",
    "Quels formats sont acceptés par la mairie ?",
    "Who are you, according to the letter of Ada Whitcombe?",
    "What is the help line of the poison centre?",
    "How does Archie's law work?",
    "ERT ?",
    "Et toi, quelle profondeur ?",
    "Why?",
    "Pourquoi ?",
    "Hi-fi",
    "bonjour madame Vautrin habite où",
    "",
    "F2 ?",
    "72",
    "²?",
    "深さは？",
]


@pytest.mark.parametrize(
    ("language", "topic", "message"),
    [
        (language, topic, message)
        for language, said in (("fr", FRENCH), ("en", ENGLISH))
        for topic, messages in said.items()
        for message in messages.split("|")
    ],
)
def test_small_talk_is_answered_in_its_language(language: str, topic: str, message: str) -> None:
    answer = small_talk(message)
    assert answer is not None and answer.finish_reason == "small_talk" and answer.language == language
    assert answer.text == text(f"small_talk.{topic}", language, formats=text("documents.formats", language))
    assert not answer.citations and not answer.passages and not answer.refused


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_real_question_is_not_swallowed(question: str) -> None:
    assert small_talk(question) is None


@pytest.mark.parametrize("interface", ["fr", "en"])
@pytest.mark.parametrize("message", ["👍", "?!", "…", "🙂 🙂", "_"])
def test_what_holds_no_word_is_no_question(message: str, interface: str) -> None:
    answer = small_talk(message, interface)
    assert answer is not None and answer.finish_reason == "small_talk"
    assert answer.text == text("small_talk.wordless", interface) and answer.language == interface


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("Bonjour, quelle est la profondeur ?", "quelle est la profondeur ?"),
        ("Hello! How deep is it?", "How deep is it?"),
        ("Bonjour Tristesse est de qui ?", "Bonjour Tristesse est de qui ?"),
        ("Hi-fi prices?", "Hi-fi prices?"),
        ("Salut.", "Salut."),
        ("Qui a dit : bonjour, je suis Ada ?", "Qui a dit : bonjour, je suis Ada ?"),
    ],
)
def test_a_greeting_is_not_searched(said: str, question: str) -> None:
    assert without_greeting(said) == question


def test_small_talk_leaves_no_trace_in_the_history() -> None:
    real = [Message("user", "How deep?"), Message("assistant", "12 m", Answer("12 m", "quotes", "en"))]
    talk = small_talk("hello")
    assert talk is not None
    chat = [Message("user", "hello"), Message("assistant", talk.text, talk)]
    assert without_small_talk([*chat, *real, *chat]) == real
    assert without_small_talk([*real, Message("user", "And then?")]) == [*real, Message("user", "And then?")]


@pytest.mark.parametrize("interface", ["fr", "en"])
def test_what_both_languages_say_is_answered_in_the_interfaces(interface: str) -> None:
    answer = small_talk("OK", interface)
    assert answer is not None and answer.language == interface
