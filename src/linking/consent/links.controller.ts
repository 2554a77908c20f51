import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { EmptyDto } from '../../auth/dto/empty.dto.js';
import { guarded } from '../../auth/requests/access.decorators.js';
import { Limited } from '../../auth/limits/limited.decorator.js';
import { AuthRoutes } from '../../auth/requests/auth-route.js';
import { fieldsOf } from '../../auth/requests/body.pipe.js';
import { CurrentUser } from '../../auth/requests/current-user.decorator.js';
import type { Principal } from '../../auth/requests/principal.js';
import { LinkingService } from '../linking.service.js';
import type { MergePreview } from '../merge/merge-preview.js';
import { ConfirmLinkDto } from './confirm-link.dto.js';
import { ConsentService } from './consent.service.js';
import { LinkViews, type OwnLinkView } from './link-views.js';

/** A link with what confirming it would do. */
export interface LinkDetails extends OwnLinkView {
  /** `null` when there is nothing to confirm, or nothing that the caller may see. */
  readonly preview: MergePreview | null;
}

@AuthRoutes()
@ApiTags('links')
@Controller('links')
export class LinksController {
  constructor(
    private readonly consent: ConsentService,
    private readonly views: LinkViews,
    private readonly linking: LinkingService,
  ) {}

  @Get()
  @guarded('session')
  @ApiOperation({ summary: 'The links of the calling account or guest, latest first' })
  async list(@CurrentUser() { userId }: Principal): Promise<OwnLinkView[]> {
    return (await this.consent.list(userId)).map((link) => this.views.of(link, userId));
  }

  @Get(':id')
  @guarded('session')
  @ApiOperation({ summary: 'One link, with a preview of what confirming it would do' })
  async find(@Param('id') id: string, @CurrentUser() { userId }: Principal): Promise<LinkDetails> {
    const link = await this.consent.find(id, userId);
    const preview = await this.consent.preview(link, userId);
    return { ...this.views.of(link, userId), preview };
  }

  @Post(':id/confirm')
  @HttpCode(200)
  @Limited({ limit: 'codes' })
  @guarded('session')
  @ApiOperation({
    summary: 'The account takes the guest over; where both sides confirm, when both have',
  })
  async confirm(
    @Param('id') id: string,
    @Body(fieldsOf(ConfirmLinkDto)) confirmation: Readonly<ConfirmLinkDto>,
    @CurrentUser() { userId }: Principal,
  ): Promise<OwnLinkView | null> {
    return this.linking.confirm(id, userId, confirmation);
  }

  @Post(':id/decline')
  @HttpCode(200)
  @guarded('session')
  @ApiOperation({ summary: 'The guest and the account stay two users' })
  async decline(
    @Param('id') id: string,
    @Body(fieldsOf(EmptyDto)) _body: Readonly<EmptyDto>,
    @CurrentUser() { userId }: Principal,
  ): Promise<OwnLinkView> {
    return this.linking.decline(id, userId);
  }
}
