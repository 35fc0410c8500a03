"""The enums of the schema. Importing this package declares all of them, before a type uses one."""

from resolvers.enums import (
    audit_events as audit_events,
)
from resolvers.enums import (
    invitations as invitations,
)
from resolvers.enums import (
    link_kinds as link_kinds,
)
from resolvers.enums import (
    operations as operations,
)
from resolvers.enums import (
    portals as portals,
)
from resolvers.enums import (
    refusal_codes as refusal_codes,
)
from resolvers.enums import (
    roles as roles,
)
from resolvers.enums import (
    sign_in_blockers as sign_in_blockers,
)
from resolvers.enums import (
    sorting as sorting,
)
from resolvers.enums import (
    user_actions as user_actions,
)
from resolvers.enums import (
    users as users,
)
