"""The messages about edits of a user, and about the values of fields: names, usernames, e-mail addresses."""

from __future__ import annotations

from rules.refusals import Code, Message


class FieldMessage(Message):
    """Why a value cannot be stored. The parameter `field` is the input field, and `value` is the given value."""

    EMPTY = Code.INVALID_INPUT, "The {field} is empty."
    TOO_LONG = Code.INVALID_INPUT, "{field} takes at most {maximum} characters."
    INVISIBLE_CHARACTER = Code.INVALID_INPUT, "{field} holds an invisible character."
    CONTROL_CHARACTER = Code.INVALID_INPUT, "{field} holds a line break or control character."
    TEXT_DIRECTION = Code.INVALID_INPUT, "{field} holds a character that turns the direction of text."
    TOO_MANY_TAGS = Code.INVALID_INPUT, "{field} takes at most {maximum} tags."

    NOT_EMPTY_HERE = Code.REQUIRED_FIELD_MISSING, "{field} cannot be empty in this portal."
    REQUIRED_BY_PORTAL = (
        Code.REQUIRED_FIELD_MISSING,
        "{portal} requires {field}. Fill it in, or ask who invited you to; then accept again.",
    )

    ADDRESS_TOO_LONG = Code.INVALID_EMAIL, "An e-mail address has at most {maximum} characters."
    ADDRESS_UNCLEAR = (
        Code.INVALID_EMAIL,
        "The e-mail address holds an invisible character, or one that stands for another. Type it anew.",
    )
    NO_ADDRESS = Code.INVALID_EMAIL, "“{value}” is not an e-mail address. Correct it."
    NOT_MAILED = Code.INVALID_EMAIL, "“{value}” is not an e-mail address that mail servers take."

    EMAIL_IN_USE = Code.EMAIL_TAKEN, "Another user of {portal} has {value}. Take another."
    TAKEN_BY_NOW = Code.EMAIL_TAKEN, "Another user of {portal} has {value} by now. Ask an admin for another."
    USERNAME_IN_USE = Code.USERNAME_TAKEN, "Another user of {portal} has {value}. Take another."
    LOOKS_ALIKE = Code.USERNAME_TAKEN, "{value} looks like the username of another user of {portal}. Take another."


class EditMessage(Message):
    """Why a change of a user's fields or of the caller's own account is refused as a whole."""

    NO_SUCH_USER = Code.NOT_FOUND, "There is no such user. Refresh the list."
    CHANGED_MEANWHILE = (
        Code.VERSION_CONFLICT,
        "{user} was changed meanwhile (version {version}). Look again, then edit.",
    )
    OWN_LOGIN = (
        Code.NOT_ALLOWED,
        "Your own {field} cannot be changed here, only first and last name. Ask another admin.",
    )
    STAFF_ADDRESS = Code.NOT_ALLOWED, "The e-mail of staff is not changed here. Ask the operator of Gatehouse."
    NO_OWN_CHANGE = Code.NOT_ALLOWED, "You have not begun a change of e-mail that could be taken back."
    MAILED_JUST_NOW = Code.RATE_LIMITED, "{user} was mailed a moment ago. Change the e-mail again at {retryAt}."
    TOO_MANY_MAILS = Code.RATE_LIMITED, "{email} was sent too many mails of this kind. Try again at {retryAt}."
