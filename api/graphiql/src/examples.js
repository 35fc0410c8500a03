// The tabs of a first visit. Each gives a meaningful answer at the first press of play: what cannot be known beforehand
// (ids, a name to search for) is looked up when the page opens and stands in the variables, where the reader sees it.
const TILES_AND_LIST = `# A portal's first screen in one round trip: its tiles
# and its first users. Press play (Ctrl-Enter).
query TilesAndList {
  portal(slug: "acme") {
    id
    name
    licenseTiles {
      id
      asOf
      seatsTotal
      seatsUsed
      seatsAvailable
      tiles {
        kind
        count
        category
        statusIn
        statusReasonIn
      }
    }
    users(first: 20) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        name
        email
        role
        status
        category
        lastSignInAt
      }
    }
  }
}
`;

const FIND_A_PERSON = `# A user calls: which portal, and which status?
# Searches every portal that the account may manage.
query FindAPerson($search: String!) {
  users(search: $search, first: 20) {
    totalCount
    nodes {
      id
      name
      email
      username
      portal {
        id
        name
      }
      status
      statusReason
      statusChangedAt
      lastSignInAt
    }
  }
}
`;

const DEACTIVATE_USERS = `# A bulk action answers for every user, in the order asked;
# one user's refusal never stops the others.
#
# The variables name two active users and a deactivated one,
# picked when the page opened. Press play again to see the
# others refused, too. The toolbar's book picks afresh.
mutation DeactivateUsers($ids: [ID!]!) {
  deactivateUsers(
    input: {
      users: { ids: $ids }
      options: { reason: "Tried from GraphiQL" }
    }
  ) {
    summary {
      requested
      succeeded
      skipped
      failed
      byReason {
        code
        count
      }
    }
    outcomes {
      index
      label
      status
      previousStatus
      newStatus
      reason {
        code
        message
        retryable
      }
    }
    licenseTiles {
      id
      portal {
        id
        name
      }
      seatsAvailable
      tiles {
        kind
        count
      }
    }
    errors {
      code
      message
      path
    }
  }
}
`;

const PREVIEW_AND_RUN = `# Preview an action, then apply it to exactly those users.
#
# 1. Press play: a dry run changes nothing. It shows what
#    would become of every user that matches, and
#    operation.id names this preview for 15 minutes.
# 2. To unlock them, put that id into these variables
#      {
#        "users": { "previewId": "the id" },
#        "dryRun": false
#      }
#    and press play again. A preview runs once.
mutation PreviewAndRun($users: UserSelection!, $dryRun: Boolean!) {
  unlockUsers(
    input: {
      users: $users
      options: { dryRun: $dryRun, reason: "Tried from GraphiQL" }
    }
  ) {
    operation {
      id
      state
      previewExpiresAt
    }
    summary {
      requested
      succeeded
      skipped
      byReason {
        code
        count
      }
    }
    outcomes {
      label
      status
      previousStatus
      newStatus
      reason {
        code
        message
      }
    }
    errors {
      code
      message
      path
    }
  }
}
`;

// None of the demo's accounts is among them, so the examples can be tried again.
const LOCKED = { filter: { statusIn: ["SUSPENDED"] } };

const OPERATIONS_AGAIN = `# Every bulk action is kept with its outcomes: the summary
# can be shown again, tomorrow and to a colleague.
query OperationsAgain {
  bulkOperations(first: 5) {
    totalCount
    nodes {
      id
      action
      state
      reason
      startedBy {
        id
        name
      }
      createdAt
      finishedAt
      summary {
        requested
        succeeded
        skipped
        failed
        byReason {
          code
          count
        }
      }
      outcomes(first: 20) {
        nodes {
          label
          status
          reason {
            code
            message
          }
          previousStatus
          newStatus
        }
      }
    }
  }
}
`;

const AUDIT_LOG = `# Who did what to which user, when and why: newest first.
query AuditLog {
  auditLog(first: 20) {
    totalCount
    nodes {
      id
      at
      event
      actorName
      portal {
        id
        name
      }
      user {
        id
        name
      }
      reason
      changes {
        field
        before
        after
      }
    }
  }
}
`;

const SIGN_IN = `# Fill in the variables (portalSlug is null for MSSP staff),
# press play and put the answer's accessToken into the
# headers of the other tabs: {"Authorization": "Bearer …"}
mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    session {
      accessToken
      expiresIn
      viewer {
        id
        name
      }
    }
    blockers { code message }
    errors {
      code
      message
    }
  }
}
`;

const LOOK_UP = `query LookUpForExamples {
  acme: portal(slug: "acme") {
    id
    ...Found
  }
  portals(first: 1) {
    nodes {
      id
      ...Found
    }
  }
}

fragment Found on Portal {
  slug
  active: users(filter: { statusIn: [ACTIVE], roleIn: [PORTAL_USER] }, first: 10) {
    nodes {
      id
      lastName
      email
    }
  }
  deactivated: users(filter: { statusIn: [DEACTIVATED] }, first: 1) {
    nodes {
      id
    }
  }
}
`;

/** The tabs to open with; asks the server nothing if no account is signed in. */
export async function exampleTabs(session) {
  const { slug, search, ids } = session.account ? await lookUp(session) : found(null, []);
  const tabs = [
    { query: TILES_AND_LIST.replace('"acme"', JSON.stringify(slug)) },
    { query: FIND_A_PERSON, variables: json({ search }) },
    { query: DEACTIVATE_USERS, variables: json({ ids }) },
    { query: PREVIEW_AND_RUN, variables: json({ users: { matching: LOCKED }, dryRun: true }) },
    { query: OPERATIONS_AGAIN },
    { query: AUDIT_LOG },
  ];
  if (!session.account) {
    tabs.unshift({ query: SIGN_IN, variables: json({ input: { portalSlug: "acme", login: "", password: "" } }) });
  }
  return tabs;
}

async function lookUp(session) {
  try {
    const response = await session.fetch(window.location.pathname, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: LOOK_UP }),
      signal: AbortSignal.timeout(5000),
    });
    const { data } = await response.json();
    return found(data?.acme ?? data?.portals?.nodes[0], session.accounts);
  } catch (error) {
    console.warn("Gatehouse: the examples open without ids", error);
    return found(null, []);
  }
}

// Not the demo accounts themselves: the account that tries the examples stays signed in.
function found(portal, accounts) {
  const active = (portal?.active?.nodes ?? []).filter((user) => !accounts.includes(user.email));
  const deactivated = portal?.deactivated?.nodes ?? [];
  return {
    slug: portal?.slug ?? "acme",
    search: active.find((user) => user.lastName)?.lastName ?? "ann",
    ids: [...active.slice(0, 2), ...deactivated].map((user) => user.id),
  };
}

function json(value) {
  return JSON.stringify(value, null, 2);
}
