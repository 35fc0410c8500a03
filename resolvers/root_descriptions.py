"""The descriptions of the root types: rules for every request and for every mutation."""

from __future__ import annotations

from resolvers.paging.arguments import LARGEST_PAGE
from resolvers.request_limits import LONGEST_QUERY_SECONDS

READ_ACCESS = (
    "Read access. Send requests to `POST /graphql`, with `Content-Type: application/json` (otherwise the status is 415), as one"
    " JSON object with `query`, `variables` and `operationName`. A"
    " browser lets a page of another origin call the API if the operator has listed that origin; only the refresh token's"
    ' cookie needs `credentials: "include"`.\n\n'
    "Every field requires an access token unless its description says otherwise. Fields that require none ignore the header"
    " Authorization, also with an expired token; `viewer` alone answers without a token and refuses one that is not valid. A limit of characters counts Unicode code points, not UTF-16"
    " units as `length` in JavaScript does.\n\n"
    "A refused field is null, with a top-level error and one of these values of `extensions.code`. A missing right refuses"
    " nullable fields only, so the object around a refused field stays. If a field that is never null fails for another reason,"
    " the nearest nullable field or list entry around it is null.\n"
    "- UNAUTHENTICATED: the token is missing, expired or not valid. Call refreshSession, else signIn.\n"
    "- FORBIDDEN: the viewer must set up a second factor first; see `Session.mustEnrollMfa`.\n"
    f"- BAD_USER_INPUT: an argument is not valid, for instance a page of {LARGEST_PAGE + 1} items.\n"
    "- INTERNAL_SERVER_ERROR: the server failed. Report `extensions.requestId`.\n"
    "- RATE_LIMITED and UNAVAILABLE: send the request again later, at `extensions.retryAt` if it is given. UNAVAILABLE also"
    f" ends a query that takes longer than {LONGEST_QUERY_SECONDS} seconds.\n\n"
    "A request that is not executed has errors, and no `data`. Its code is one of these, or one of the above:\n"
    "- GRAPHQL_PARSE_FAILED and GRAPHQL_VALIDATION_FAILED: the document is not valid.\n"
    "- BAD_USER_INPUT: the body is no GraphQL request, or a variable is missing or does not have its type.\n"
    "- TOO_COMPLEX: the answer may hold too many values (see `ServerInfo.maxValues`), or the request exceeds a limit that"
    " the message names.\n\n"
    "Two routes beside this one send and take CSV files of users, with the same access token, rights and codes: `POST /users/export`"
    " (see `users`) and `POST /users/import` (see `inviteUsers`).\n\n"
    "The HTTP status of an executed request is 200, also with errors. That of a request that is not executed is:\n"
    "- 500 with INTERNAL_SERVER_ERROR, 503 with UNAVAILABLE.\n"
    "- With `Accept: application/graphql-response+json`, 429 with RATE_LIMITED and 400 with any other code. Without this media"
    " type, 200.\n"
    "- With any `Accept`, and with BAD_USER_INPUT: 400 if the request is no GraphQL request, or if a browser's page on another"
    " site sends `Gatehouse-Refresh`; 405 for a method other than GET, HEAD and POST, and for a mutation or a secret that is not"
    " sent by POST; 406 if `Accept` allows neither media type of answers, `application/graphql-response+json` and"
    " `application/json`; 413 if the body is too long (see `ServerInfo.maxBodyBytes`); 415 if the body is compressed, or is not"
    " `application/json` in UTF-8.\n\n"
    "All of these have a JSON body with `errors`. Only what is refused before the API reads the request is answered in plain text:"
    " 400 for another host name or a malformed request, 408, 431, and 503 if the server has no free connection."
)

WRITE_ACCESS = (
    "Write access. Every field is nullable, so that a failing mutation does not hide the result of an earlier one. A"
    " refused call is data: its reasons are in the payload's `errors`, and nothing was changed. The description of the mutation,"
    " or that of its payload's `errors`, lists every code that it can answer. Reasons that concern one of"
    " several users are in `outcomes`, and reasons why an account cannot sign in are in `blockers`.\n\n"
    "A field is null, with a top-level error as in Query, if the request itself is refused: UNAUTHENTICATED without an access token,"
    " unless the mutation requires none; FORBIDDEN until a required second factor is set up (see `Session.mustEnrollMfa`);"
    " BAD_USER_INPUT for an argument that is not valid. Nothing was changed then. After INTERNAL_SERVER_ERROR or UNAVAILABLE, the mutation was carried out as a whole or not at all;"
    " the answer does not say which. Read the object again, or repeat a bulk mutation with its `idempotencyKey`. A mutation that"
    " has begun goes on if the client disconnects. Unlike a query, it has no time limit."
)
