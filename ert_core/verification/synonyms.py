"""Common words that say the same thing in a report, in French and in English. Pure.

A short list of everyday verbs and nouns, one meaning a line, so that "a été menée par" and "a réalisé"
or "rose" and "increased" are one word to the check of statements. Opposites never share a line.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ert_core.languages import stem

# "menee", "menees": without its accent the French stemmer takes such a participle for a word of its own.
_PARTICIPLE = re.compile(r"(?<=[^\W\d_]{2})ees?$")

_GROUPS = """
carry carried conduct perform run ran realiser effectuer mener executer accomplir proceder
begin began begun start commence launch debuter commencer demarrer entamer lancer
end finish complete conclude terminer finir achever cesser stop
last lasted durer take took taken
rise rose risen increase grow grew grown climb augmenter croitre croit hausse progresser elever
fall fell fallen drop decrease decline diminuer baisser reculer chuter baisse
amount total reach elever atteindre monter chiffrer stand stood
buy bought purchase acquire acheter acquerir
sell sold vendre vendu vendue vendus ceder
give gave given provide supply fournir donner offrir deliver livrer
get got obtain receive recevoir recu obtenir obtenu percevoir percu toucher
send sent envoyer adresser transmettre expedier
pay paid payer regler verser acquitter payment paiement
cost price charge fee cout prix tarif couter facturer
wage salary pay salaire remuneration
allow permit authorise authorize autoriser permettre permet permis permise admettre
forbid forbidden prohibit ban interdire defendre prohiber
require need necessary necessaire falloir requerir exiger obligatoire mandatory compulsory oblige besoin
ask demand request demander requerir solliciter reclamer
answer reply respond response repondre reponse
say said state declare announce dire affirmer annoncer declarer indiquer
show showed shown reveal indicate montrer reveler indiquer
find found discover detect trouver decouvrir decouvert decouverte deceler detecter constater
build built construct erect construire construit batir edifier eriger
make made produce manufacture fabriquer produire produit produite
use employ utiliser employer servir recourir
contain hold held include comprise renfermer contenir contient comprend inclut comporter comprendre inclure compter
keep kept store retain conserver garder stocker preserver preserve
place put lay laid install set position placer poser installer mettre disposer planter
locate situate lie lay situer trouver localiser
live dwell inhabit reside vivre vit vivent habiter resider
eat feed fed nourrir manger alimenter
measure gauge mesurer relever
space spacing apart interval espacer intervalle distance
depth deep profondeur profond
height high hauteur haut tall
width wide broad largeur large
length long longueur
size dimension taille
area surface superficie
weight weigh poids peser
speed fast quick rapid vitesse rapide vite
duration period term duree periode
date day jour
year annual yearly annuel an annee
month monthly mensuel mois
week weekly hebdomadaire semaine
day daily quotidien journalier
evening bedtime night soir soiree nuit
morning matin matinee
house home dwelling lodging maison logement habitation domicile
landlord owner bailleur proprietaire
tenant lessee locataire preneur
lease rental tenancy bail location
contract agreement contrat accord convention
sign signed conclude conclure signer
buyer purchaser customer client acheteur acquereur
seller vendor supplier vendeur fournisseur
firm company enterprise business entreprise societe compagnie
employee worker staff employe salarie personnel
employer employeur
head lead led chair manage direct run diriger presider gerer mener conduire
chairman chair president
meeting meet met reunion reunir
approve adopt agree accept admit approuver adopter accepter admettre admis
decide decision resolve decider decision
propose proposal suggest plan proposer proposition
law statute loi
rule regulation regle reglement
judge magistrate juge magistrat
fine penalty amende penalite
notice preavis
leave left depart quitter partir
arrive reach arriver parvenir
return come back rendre rendu rendue restituer retourner revenir
close shut closed fermer fermeture
open ouvrir ouvert ouverte ouverture
remove withdraw delete erase retirer supprimer effacer enlever oter
replace change swap remplacer changer renouveler
repair fix mend reparer reparation
check verify inspect control verifier controler inspecter
damage harm abimer endommager degat dommage
destroy demolish detruire detruit demolir
break broke broken rupture casser rompre briser
happen occur take survenir arriver produire
cause bring provoquer causer entrainer
help aid assist aider assister
try attempt essayer tenter
know known connaitre savoir connu connue
see saw seen observe voir observer apercevoir
write wrote written ecrire ecrit rediger
author writer auteur
draw design drew drawn dessiner concevoir
invent devise inventer
teach taught enseigner
learn apprendre
child kid enfant
adult grown adulte
patient malade
illness disease sickness maladie affection
medicine drug medicament remede traitement
tablet pill comprime cachet
dose dosage posologie
pregnant pregnancy enceinte grossesse
treat cure traiter soigner
doctor physician medecin docteur
pain ache douleur mal
water eau
rain rainfall pluie precipitation
river stream cours riviere fleuve
lake loch etang lac pond
ground soil sol terrain terre
rock bedrock roche
well borehole forage puits sondage drill bore
drill drilled bore forer percer
survey campaign campagne leve study etude
sample echantillon prelevement specimen
test trial essai
laboratory lab laboratoire
result outcome resultat
threshold limit maximum seuil limite plafond
minimum least moins minimal
exceed surpass depasser exceder
value content level teneur taux niveau valeur
pump pompe pomper
car vehicle voiture vehicule automobile
road route highway
street rue
boat ship vessel bateau navire
train rail
bicycle bike velo bicyclette
bridge pont
church eglise
town city ville cite
village hamlet
school college ecole college
pupil student eleve etudiant
building edifice batiment immeuble
tower tour
roof toiture toit
window fenetre vitrail
light lamp lumiere feu voyant temoin
battery pile batterie accumulateur
power puissance
electricity current electricite courant
device apparatus appareil instrument equipment materiel
machine engine moteur
button bouton
press push appuyer presser
screen ecran
file document fichier dossier
software program programme logiciel
user utilisateur
password mot passe
network reseau
data donnees information
internet online ligne web
mail email letter courrier courriel lettre
telephone phone
tax duty impot taxe
revenue turnover income sales recette revenu chiffre
profit benefice resultat
loss perte
debt dette
loan pret emprunt
budget
grant award subvention accorder granted
gift donate donation don donner give
free gratis gratuit gratuitement
insured assured assure policyholder
theft steal stolen vol voler
claim declaration sinistre declarer
cover coverage couvrir garantie garantir warranty guarantee
risk danger risque
war guerre
king roi
founded found establish create set fonder creer etablir
born birth naitre nee naquit naissance
die died death mourir mort morte mourut mort deces
old ancient ancien vieux
new recent nouveau recent
big large great grand vaste important
small little petit
main principal chief major primary principalement surtout mainly chiefly mostly
whole entire entirely completely full entier complet plein completement totalement
near nearby close proche voisin pres
several many numerous plusieurs nombreux
about around approximately roughly environ quelque approximativement
same identical identique meme
different distinct differ differer
first initial premier
final latest dernier ultime
previous preceding earlier precedent anterieur
following next suivant
quick promptly rapidement
often frequently souvent frequemment
always toujours
together ensemble
"""


def _by_stem() -> dict[str, frozenset[int]]:
    places: dict[str, set[int]] = {}
    for number, line in enumerate(_GROUPS.strip().splitlines()):
        for word in line.split():
            for code in ("fr", "en"):
                places.setdefault(f"{code} {stem(word, code)}", set()).add(number)
    return {key: frozenset(numbers) for key, numbers in places.items()}


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[int]]:
    return _by_stem()


def forms(word: str) -> frozenset[str]:
    """A folded word, and the verb it is a feminine participle of, if it is one."""
    return frozenset({word, _PARTICIPLE.sub("er", word)})


@lru_cache(maxsize=50_000)
def meanings(word: str) -> frozenset[int]:
    """The lines of the list that hold a folded word, under its stem in either language."""
    groups = _groups()
    return frozenset().union(
        *(groups.get(f"{code} {stem(w, code)}", frozenset()) for w in forms(word) for code in ("fr", "en"))
    )
