import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { validate as isUuid } from 'uuid';
import type { LinkView } from '../../auth/account-linker.js';
import { EmptyDto } from '../../auth/dto/empty.dto.js';
import { AccountOnly, guarded } from '../../auth/requests/access.decorators.js';
import { AuthRoutes } from '../../auth/requests/auth-route.js';
import { fieldsOf } from '../../auth/requests/body.pipe.js';
import { CurrentUser } from '../../auth/requests/current-user.decorator.js';
import type { Principal } from '../../auth/requests/principal.js';
import { AnonymousException } from '../../common/errors.js';
import { linkView } from '../ledger/ledger.service.js';
import { LinkingService } from '../linking.service.js';
import type { MergePreview } from '../merge/merge-preview.js';
import { ConfirmLinkDto } from './confirm-link.dto.js';
import { ConsentService } from './consent.service.js';

/** A link with what confirming it would do. */
export interface LinkDetails extends LinkView {
  /** `null` when there is nothing to confirm. */
  readonly preview: MergePreview | null;
}

@AuthRoutes()
@ApiTags('links')
@Controller('links')
export class LinksController {
  constructor(
    private readonly consent: ConsentService,
    private readonly linking: LinkingService,
  ) {}

  @Get()
  @guarded('session')
  @ApiOperation({ summary: 'The links of the calling account or guest, latest first' })
  async list(@CurrentUser() { userId }: Principal): Promise<LinkView[]> {
    return (await this.consent.list(userId)).map(linkView);
  }

  @Get(':id')
  @guarded('session')
  @ApiOperation({ summary: 'One link, with a preview of what confirming it would do' })
  async find(@Param('id') id: string, @CurrentUser() { userId }: Principal): Promise<LinkDetails> {
    const link = await this.consent.find(known(id), userId);
    return { ...linkView(link), preview: await this.consent.preview(link) };
  }

  @Post(':id/confirm')
  @HttpCode(200)
  @AccountOnly()
  @ApiOperation({ summary: 'The account takes the guest over' })
  async confirm(
    @Param('id') id: string,
    @Body(fieldsOf(ConfirmLinkDto)) { preview }: Readonly<ConfirmLinkDto>,
    @CurrentUser() { userId }: Principal,
  ): Promise<LinkView | null> {
    return this.linking.confirm(known(id), userId, { preview });
  }

  @Post(':id/decline')
  @HttpCode(200)
  @guarded('session')
  @ApiOperation({ summary: 'The guest and the account stay two users' })
  async decline(
    @Param('id') id: string,
    @Body(fieldsOf(EmptyDto)) _body: Readonly<EmptyDto>,
    @CurrentUser() { userId }: Principal,
  ): Promise<LinkView> {
    return this.linking.decline(known(id), userId);
  }
}

/** Whatever cannot be the id of a link is the id of none. */
function known(id: string): string {
  if (!isUuid(id)) throw new AnonymousException('LINK_NOT_FOUND');
  return id;
}
