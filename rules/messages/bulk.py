"""The messages about the input of a bulk call: its portal, selection, options, preview, access or CSV file."""

from __future__ import annotations

from rules.refusals import Code, Message


class BulkMessage(Message):
    """Why a whole bulk call is refused."""

    NOTHING_SELECTED = Code.INVALID_INPUT, "No user is selected. Choose at least one user."
    TOO_MANY_EXCLUDED = Code.INVALID_INPUT, "excludeIds takes at most {maximum} ids."
    COUNT_MISSING = (
        Code.INVALID_INPUT,
        "Say how many users you expect to match: the totalCount of the list, or of a dry run.",
    )
    TWO_PORTALS = Code.INVALID_INPUT, "Give portalId or portalSlug, not both."
    NO_PORTAL = Code.INVALID_INPUT, "Give portalId or portalSlug."
    ADDED_BEFORE = (
        Code.INVALID_INPUT,
        "With NONE users are added only, and these were added before: choose EMAIL or LINK.",
    )
    REASON_TOO_LONG = Code.INVALID_INPUT, "The reason takes at most {maximum} characters."
    KEY_LENGTH = Code.INVALID_INPUT, "A key has at most {maximum} characters."
    NOT_A_PREVIEW = Code.INVALID_INPUT, "Only the run of a preview can be compared: give previewId."
    PREVIEW_OF_NEW_USERS = (
        Code.INVALID_INPUT,
        "A preview of newUsers keeps no names and addresses, and cannot be run. Send the same input again without dryRun.",
    )
    OTHER_ERROR_POLICY = (
        Code.INVALID_INPUT,
        "The preview was made with {errorPolicy}. Leave errorPolicy out, or preview again.",
    )
    OTHER_ROLE = Code.INVALID_INPUT, "The preview was made with the role {role}. Give that role, or preview again."

    SELECTED = (
        Code.TOO_MANY_USERS,
        "{selected} users are selected; at most {maximum} go in one call. Send them in parts.",
    )
    MATCHING = Code.TOO_MANY_USERS, "{matching} users match; at most {maximum} go in one call. Narrow the selection."

    COUNT_CHANGED = Code.SELECTION_CHANGED, "{matching} users match now, not {expected}. Look at the list again."
    OUTCOMES_CHANGED = (
        Code.SELECTION_CHANGED,
        "{differing} of {outcomes} outcomes would differ from the preview. Preview again.",
    )

    USED_OR_EXPIRED = Code.PREVIEW_EXPIRED, "This preview has run out, or was used. Preview again."
    OTHER_INPUT = Code.IDEMPOTENCY_KEY_REUSED, "This key came with another input before. Take a new key."
    OTHER_ROWS = (
        Code.IDEMPOTENCY_KEY_REUSED,
        "This file was imported before, and the portal's catalogue has changed since. To import it again, give an"
        " idempotencyKey.",
    )

    NO_REASON = (
        Code.REASON_REQUIRED,
        "Give a reason or a ticket. Portals of the selected users that require it: {count} ({portals}).",
    )

    NO_SUCH_PORTAL = Code.NOT_FOUND, "There is no such portal. Check its id or slug."
    NO_SUCH_PREVIEW = Code.NOT_FOUND, "There is no such preview of this mutation. Preview again."

    INTERNAL_INVITEE = Code.NOT_ALLOWED, "Internal users are added by the staff of your service provider. Ask them."


class AccessChangeMessage(Message):
    """Why a bulk call that changes the access of users is refused as a whole."""

    TWO_CHANGES = Code.INVALID_INPUT, "Give access or copyFromUserId, not both."
    NO_CHANGE = Code.INVALID_INPUT, "Give access or copyFromUserId."
    TOO_MANY_ENTRIES = Code.INVALID_INPUT, "{field} takes at most {maximum} entries."
    MODULE_NAMED_TWICE = Code.INVALID_INPUT, "The module is named twice. Name it once, with one level."
    OTHER_ACCESS = (
        Code.INVALID_INPUT,
        "The preview was made with another change of access. Give that one, or preview again.",
    )
    TOO_MANY_GRANTS = (
        Code.TOO_MANY_USERS,
        "The call would give {grants} entries to users; at most {maximum} go in one call. Send the users in parts.",
    )

    NO_SUCH_ENTRY = Code.NOT_FOUND, "There is no such entry of a catalogue. Refresh the list."
    NO_USER_TO_COPY = Code.NOT_FOUND, "There is no such user. Refresh the list."


class CsvFileMessage(Message):
    """Why a CSV file is refused before any row is processed. The message begins with the line and column."""

    NO_HEADER = (
        Code.INVALID_INPUT,
        "Line {line}, column {column}: the file has no header with the names of its columns.",
    )
    NO_ROWS = Code.INVALID_INPUT, "Line {line}, column {column}: no row follows the header."
    NOT_UTF_8 = (
        Code.INVALID_INPUT,
        "Line {line}, column {column}: the file is not UTF-8. Save it again as CSV UTF-8.",
    )
    UNCLOSED_QUOTE = Code.INVALID_INPUT, "Line {line}, column {column}: the quote that begins here is not closed."
    TEXT_AFTER_QUOTE = (
        Code.INVALID_INPUT,
        "Line {line}, column {column}: a delimiter or a line end must follow the closing quote.",
    )
    ROW_TOO_LONG = Code.INVALID_INPUT, "Line {line}, column {column}: a row takes at most {maximum} characters."
    TOO_MANY_FIELDS = (
        Code.INVALID_INPUT,
        "Line {line}, column {column}: the row has more fields than the header, which has {maximum}.",
    )
    UNKNOWN_COLUMN = (
        Code.INVALID_INPUT,
        "Line {line}, column {column}: the column {value} is not known. Remove it, or ask for unknown columns to be ignored.",
    )
    DOUBLE_COLUMN = Code.INVALID_INPUT, "Line {line}, column {column}: an earlier column holds {field} already."
    COLUMN_MISSING = (
        Code.REQUIRED_FIELD_MISSING,
        "Line {line}, column {column}: the header has no column for {field}, which the portal requires.",
    )
    TOO_MANY_ROWS = (
        Code.TOO_MANY_USERS,
        "Line {line}, column {column}: a file takes at most {maximum} rows. Send the others in another file.",
    )
