/** What is on `request.user`, for members and guests alike. */
export interface CurrentMember {
  readonly id: number;
  readonly isGuest: boolean;
}
