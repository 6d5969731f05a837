"""Legal wordings by date and language: the defaults, which a seller may replace from a date on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

SINCE_EVER = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Wording:
    """One sentence, valid from a date on, in one language."""

    key: str
    language: str
    text: str
    valid_from: date = SINCE_EVER


# The CGI references may stay on invoices until 31 December 2027 (ordinance 2025-1247).
DEFAULTS: tuple[Wording, ...] = (
    Wording("franchise", "fr", "TVA non applicable, art. 293 B du CGI"),
    Wording("franchise", "en", "VAT not applicable, art. 293 B of the French tax code (CGI)"),
    Wording("reverse_charge_eu", "fr", "Autoliquidation"),
    Wording("reverse_charge_eu", "en", "Reverse charge"),
    Wording("reverse_charge_fr", "fr", "Autoliquidation"),
    Wording("reverse_charge_fr", "en", "Reverse charge"),
    Wording("intra_community", "fr", "Exonération de TVA, art. 262 ter I du CGI"),
    Wording("intra_community", "en", "VAT exempt intra-Community supply, art. 262 ter I of the CGI"),
    Wording("export", "fr", "Exonération de TVA, art. 262 I du CGI"),
    Wording("export", "en", "VAT exempt export, art. 262 I of the CGI"),
    Wording("care", "fr", "Exonération de TVA, art. 261, 4-1° du CGI"),
    Wording("care", "en", "VAT exempt care, art. 261, 4-1° of the CGI"),
    Wording("training", "fr", "Exonération de TVA, art. 261, 4-4° du CGI"),
    Wording("training", "en", "VAT exempt training, art. 261, 4-4° of the CGI"),
    Wording("out_of_scope", "fr", "Opération hors du champ d’application de la TVA"),
    Wording("out_of_scope", "en", "Outside the scope of VAT"),
    Wording("vat_on_debits", "fr", "Option pour le paiement de la taxe d’après les débits"),
    Wording("vat_on_debits", "en", "VAT payable on issue of the invoice (débits option)"),
    # C. com. L441-9, L441-10 and D441-5: invoices to professionals.
    Wording("early_payment", "fr", "Pas d’escompte pour paiement anticipé."),
    Wording("early_payment", "en", "No discount for early payment."),
    Wording(
        "late_payment",
        "fr",
        "En cas de retard de paiement, pénalités exigibles sans rappel au taux de refinancement de la BCE "
        "majoré de 10 points.",
    ),
    Wording(
        "late_payment",
        "en",
        "Late payments bear interest, without reminder, at the ECB refinancing rate plus 10 points.",
    ),
    Wording("recovery_costs", "fr", "Indemnité forfaitaire pour frais de recouvrement : 40 €."),
    Wording("recovery_costs", "en", "Fixed compensation for recovery costs: €40."),
    # C. conso. L214-1: without a word about it, what a consumer pays in advance is earnest money.
    Wording("acompte", "fr", "La somme versée est un acompte : la commande est ferme pour les deux parties."),
    Wording("acompte", "en", "The amount paid is a part payment (acompte): both parties are bound by the order."),
    Wording(
        "arrhes",
        "fr",
        "La somme versée constitue des arrhes : le client qui renonce les perd, le professionnel qui renonce "
        "en rend le double (art. L214-1 du code de la consommation).",
    ),
    Wording(
        "arrhes",
        "en",
        "The amount paid is earnest money (arrhes): a customer who withdraws loses it, a trader who withdraws "
        "returns it twice over (art. L214-1 of the French consumer code).",
    ),
    Wording("sole_trader", "fr", "Entrepreneur individuel (EI)"),
    Wording("sole_trader", "en", "Sole trader (EI)"),
)

KEYS: tuple[str, ...] = tuple(dict.fromkeys(wording.key for wording in DEFAULTS))


def find(key: str, *, language: str, on: date, own: Sequence[Wording] = ()) -> str:
    """Return the sentence for ``key`` in force ``on`` that day: the seller's own before the default.

    Falls back to the language without its region, then to English. Raises ``KeyError`` for an unknown key.
    """
    for wanted in (language, language.split("-")[0], "en"):
        for source in (own, DEFAULTS):
            in_force = [
                wording
                for wording in source
                if (wording.key, wording.language) == (key, wanted) and wording.valid_from <= on
            ]
            if in_force:
                return max(in_force, key=lambda wording: wording.valid_from).text
    raise KeyError(key)
