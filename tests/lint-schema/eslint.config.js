// The recommended and the Relay rules; docs/decisions/0012 argues for what differs from them here.
import graphql from "@graphql-eslint/eslint-plugin";

const VALUES = [
  "ActionAvailability",
  "Assignment",
  "FieldChange",
  "Grantables",
  "Invitation",
  "InvitationPreview",
  "LicenseTile",
  "LinkPreview",
  "MessageParam",
  "MfaChallenge",
  "ModuleGrant",
  "MsspPolicy",
  "OutcomeReason",
  "OutcomeSummary",
  "PageInfo",
  "PasswordChange",
  "PasswordRequirements",
  "PolicyEffect",
  "PolicyPreview",
  "PortalActionAvailability",
  "PortalPolicy",
  "PortalSignIn",
  "ReasonCount",
  "ServerInfo",
  "Session",
  "SignInBlocker",
  "UserAccess",
  "UserError",
  "UserOutcome",
];

export default [
  {
    files: ["schema.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "schema.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
      "@graphql-eslint/strict-id-in-types": [
        "error",
        { exceptions: { types: VALUES, suffixes: ["Connection", "Edge", "Payload"] } },
      ],
      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          rootField: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          DirectiveDefinition: false,
        },
      ],
    },
  },
];
