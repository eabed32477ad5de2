"""The words of the hosted pages, English and Spanish as US cities write it."""

from __future__ import annotations

from collections.abc import Callable

EN = {
    "sandbox": "Sandbox. No real money.",
    "pay_title": "Pay {merchant}",
    "setup_title": "Save a card with {merchant}",
    "summary": "What you are paying",
    "item": "Item",
    "amount": "Amount",
    "quantity": "Quantity: {count}",
    "total": "Total",
    "card_heading": "Card details",
    "number": "Card number",
    "number_hint": "Use one of the test cards on this page.",
    "exp": "Expiration date",
    "exp_hint": "MM / YY",
    "cvc": "Security code (CVC)",
    "cvc_hint": "3 digits (Amex: 4)",
    "name": "Name on card",
    "zip": "ZIP code",
    "pay": "Pay {total}",
    "save": "Save card",
    "back": "Back to {merchant}",
    "continue": "Continue to {merchant}",
    "consent": "By paying, you allow {merchant} to charge this card for future payments you agree to.",
    "consent_setup": "By saving this card, you allow {merchant} to charge it for future payments you agree to.",
    "problem": "There is a problem",
    "error_word": "Error:",
    "number_missing": "Enter the card number.",
    "number_wrong": "Your card number is incorrect. Only the published test cards work here.",
    "exp_missing": "Enter the expiration date as month and year, for example 04 / 30.",
    "exp_past": "Your card's expiration date is in the past.",
    "cvc_missing": "Enter the security code: 3 digits, or 4 on American Express.",
    "name_missing": "Enter the name on the card.",
    "zip_missing": "Enter a 5-digit ZIP code.",
    "generic_decline": "Your card was declined. You have not been charged. Try another card.",
    "insufficient_funds": "Your card has insufficient funds. You have not been charged. Try another card.",
    "expired_card": "Your card has expired. You have not been charged. Try another card.",
    "incorrect_cvc": "Your card's security code is incorrect. You have not been charged.",
    "processing_error": "The card could not be processed. You have not been charged. Try again.",
    "card_velocity_exceeded": "Your card was tried too often. You have not been charged. Try another card.",
    "authentication_failed": "Your bank could not confirm it is you. You have not been charged. Try another card.",
    "complete_title": "You're all done here",
    "complete_paid": "This payment has already been made. You will not be charged again.",
    "complete_setup": "This card has already been saved.",
    "expired_title": "This page has expired",
    "expired_text": "The time to finish here has run out. You have not been charged. Go back and start again.",
    "unknown_title": "Page not found",
    "unknown_text": "There is no payment at this address. Check the link, or go back and start again.",
    "challenge_title": "Confirm that it's you",
    "challenge_text": "Your bank asks you to confirm this card before {merchant} can use it.",
    "challenge_amount": "Amount: {total}",
    "challenge_pass": "Complete authentication",
    "challenge_fail": "Fail authentication",
    "challenge_over_title": "Nothing to confirm",
    "challenge_over_text": "This card does not need to be confirmed, or it already has been.",
    "test_cards": "Test cards",
    "test_cards_text": "Any future date and any security code. No other card number is accepted or kept.",
    "what": "What happens",
    "card_visa": "Works",
    "card_generic": "Declined",
    "card_funds": "Declined: insufficient funds",
    "card_expired": "Declined: expired card",
    "card_cvc": "Declined: incorrect security code",
    "card_3ds": "Asks you to confirm",
    "card_3ds_decline": "Asks you to confirm, then declined",
    "card_attach": "Can be saved, then declined",
}

ES = {
    "sandbox": "Entorno de prueba. No es dinero real.",
    "pay_title": "Pagar a {merchant}",
    "setup_title": "Guardar una tarjeta con {merchant}",
    "summary": "Lo que va a pagar",
    "item": "Concepto",
    "amount": "Monto",
    "quantity": "Cantidad: {count}",
    "total": "Total",
    "card_heading": "Datos de la tarjeta",
    "number": "Número de tarjeta",
    "number_hint": "Use una de las tarjetas de prueba de esta página.",
    "exp": "Fecha de vencimiento",
    "exp_hint": "MM / AA",
    "cvc": "Código de seguridad (CVC)",
    "cvc_hint": "3 dígitos (Amex: 4)",
    "name": "Nombre en la tarjeta",
    "zip": "Código postal",
    "pay": "Pagar {total}",
    "save": "Guardar tarjeta",
    "back": "Volver a {merchant}",
    "continue": "Continuar a {merchant}",
    "consent": "Al pagar, autoriza a {merchant} a cobrar a esta tarjeta los pagos futuros que acepte.",
    "consent_setup": "Al guardar esta tarjeta, autoriza a {merchant} a cobrarle los pagos futuros que acepte.",
    "problem": "Hay un problema",
    "error_word": "Error:",
    "number_missing": "Escriba el número de tarjeta.",
    "number_wrong": "El número de tarjeta es incorrecto. Aquí solo funcionan las tarjetas de prueba publicadas.",
    "exp_missing": "Escriba la fecha de vencimiento con mes y año, por ejemplo 04 / 30.",
    "exp_past": "La fecha de vencimiento de su tarjeta ya pasó.",
    "cvc_missing": "Escriba el código de seguridad: 3 dígitos, o 4 en American Express.",
    "name_missing": "Escriba el nombre que aparece en la tarjeta.",
    "zip_missing": "Escriba un código postal de 5 dígitos.",
    "generic_decline": "Su tarjeta fue rechazada. No se le cobró nada. Pruebe con otra tarjeta.",
    "insufficient_funds": "Su tarjeta no tiene fondos suficientes. No se le cobró nada. Pruebe con otra tarjeta.",
    "expired_card": "Su tarjeta está vencida. No se le cobró nada. Pruebe con otra tarjeta.",
    "incorrect_cvc": "El código de seguridad de su tarjeta es incorrecto. No se le cobró nada.",
    "processing_error": "No se pudo procesar la tarjeta. No se le cobró nada. Inténtelo de nuevo.",
    "card_velocity_exceeded": "Su tarjeta tuvo demasiados intentos. No se le cobró nada. Pruebe con otra tarjeta.",
    "authentication_failed": "Su banco no pudo confirmar que es usted. No se le cobró nada. Pruebe con otra tarjeta.",
    "complete_title": "Ya terminó aquí",
    "complete_paid": "Este pago ya se hizo. No se le cobrará otra vez.",
    "complete_setup": "Esta tarjeta ya se guardó.",
    "expired_title": "Esta página venció",
    "expired_text": "Se acabó el tiempo para terminar aquí. No se le cobró nada. Regrese y empiece de nuevo.",
    "unknown_title": "No se encontró la página",
    "unknown_text": "No hay ningún pago en esta dirección. Revise el enlace, o regrese y empiece de nuevo.",
    "challenge_title": "Confirme que es usted",
    "challenge_text": "Su banco le pide que confirme esta tarjeta antes de que {merchant} pueda usarla.",
    "challenge_amount": "Monto: {total}",
    "challenge_pass": "Completar la autenticación",
    "challenge_fail": "Fallar la autenticación",
    "challenge_over_title": "No hay nada que confirmar",
    "challenge_over_text": "Esta tarjeta no necesita confirmación, o ya se confirmó.",
    "test_cards": "Tarjetas de prueba",
    "test_cards_text": "Cualquier fecha futura y código de seguridad. No se acepta ni se guarda otro número.",
    "what": "Qué pasa",
    "card_visa": "Funciona",
    "card_generic": "Rechazada",
    "card_funds": "Rechazada: fondos insuficientes",
    "card_expired": "Rechazada: tarjeta vencida",
    "card_cvc": "Rechazada: código de seguridad incorrecto",
    "card_3ds": "Le pide confirmar",
    "card_3ds_decline": "Le pide confirmar y luego se rechaza",
    "card_attach": "Se puede guardar y luego se rechaza",
}

LANGUAGES = {"en": EN, "es": ES}
SPANISH = ("es", "es-419")
SAME_AS_GENERIC = ("lost_card", "stolen_card", "fraudulent")

Say = Callable[..., str]


def language(locale: str | None, accepted: str | None) -> str:
    """The page's language: the session's locale, or for ``auto`` what the browser asks for."""
    if locale in (None, "auto"):
        return accepted or "en"
    return "es" if locale in SPANISH else "en"


def speaker(lang: str) -> Say:
    """A function that says a phrase in a language."""
    phrases = LANGUAGES[lang]

    def say(name: str, **values: object) -> str:
        return phrases[name].format(**values)

    return say


def decline_phrase(code: str | None) -> str:
    """The name of the phrase for a decline; what the bank keeps to itself is said as a plain decline."""
    if code and code.endswith("authentication_failure"):
        return "authentication_failed"
    return code if code in EN else "generic_decline"


def dollars(cents: int) -> str:
    """An amount as both languages write it in the United States."""
    return f"${cents // 100:,}.{cents % 100:02d}"
