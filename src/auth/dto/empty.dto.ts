/** The body of a route that takes none: absent, or `{}`. */
export class EmptyDto {}
