import { ApiProperty } from '@nestjs/swagger';

export class ProfileView {
  @ApiProperty({ example: 'Ada', type: String, nullable: true })
  readonly displayName!: string | null;

  @ApiProperty({ example: 'Lyon', type: String, nullable: true })
  readonly city!: string | null;

  @ApiProperty({ example: 'Two beagles, no cats.', type: String, nullable: true })
  readonly bio!: string | null;
}

/** A profile that nobody has written yet is empty. */
export function profileView(profile: Partial<ProfileView> | null): ProfileView {
  const { displayName = null, city = null, bio = null } = profile ?? {};
  return { displayName, city, bio };
}
