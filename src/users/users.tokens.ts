/** The host's DataSource that holds the users, whatever its name. */
export const USERS_DATA_SOURCE = Symbol('nestjs-anonymous:data-source');
