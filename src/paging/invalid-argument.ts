/** An argument that breaks a rule of this API; seen before any REST call. Mapped to `BAD_USER_INPUT`. */
export class InvalidArgument extends Error {
  override readonly name = 'InvalidArgument'
  /** Name of the argument to blame, as the caller wrote it: `first`, `filter.name`, `id`. */
  readonly argument: string

  constructor(argument: string, message: string) {
    super(message)
    this.argument = argument
  }
}
