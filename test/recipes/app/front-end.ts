/** The origins of the pages, for CORS and for `trustedOrigins`. */
export const PAGES = ['https://www.app.example'];

export const cors = {
  origin: PAGES,
  credentials: true,
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: ['authorization', 'content-type', 'idempotency-key'],
  exposedHeaders: ['retry-after', 'set-auth-token'],
};
