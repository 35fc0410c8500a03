// PostGraphile 5 with its Amber preset; the token sets the role and the tenant of each request's transaction.
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { makePgService } from 'postgraphile/adaptors/pg'
import { jwtVerify } from 'jose'

const secret = new TextEncoder().encode(process.env.PEER_SECRET)
export default {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: process.env.PEER_DB, schemas: ['public'] })],
  grafserv: { port: Number(process.env.PORT), host: '127.0.0.1', graphiql: false },
  grafast: {
    context: async (ctx) => {
      const header = ctx.node?.req?.headers.authorization
      if (!header) return {}
      const { payload } = await jwtVerify(header.slice(7), secret, { algorithms: ['HS256'] })
      return { pgSettings: { role: 'gatehouse_bench_visitor', 'jwt.portal': String(payload.portal) } }
    },
  },
}
