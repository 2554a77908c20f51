import { Body, Controller, Get, Header, Post } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import {
  CurrentUser,
  EnsureIdentity,
  OptionalIdentity,
  type Principal,
} from '../../../src/index.js';
import { AddPhotoDto } from './add-photo.dto.js';
import { photoView, PhotoView } from './photo.view.js';
import { PhotosService } from './photos.service.js';

@ApiTags('photos')
@Controller('photos')
export class PhotosController {
  constructor(private readonly photos: PhotosService) {}

  @Get()
  @OptionalIdentity()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: "The caller's pictures" })
  @ApiOkResponse({ type: [PhotoView] })
  async list(@CurrentUser() user: Principal | null): Promise<PhotoView[]> {
    return (await this.photos.of(user?.userId)).map(photoView);
  }

  @Post()
  @EnsureIdentity()
  @ApiOperation({ summary: "Adds a picture of one of the caller's dogs" })
  @ApiCreatedResponse({ type: PhotoView })
  @ApiNotFoundResponse({ description: 'PET_NOT_FOUND' })
  add(@CurrentUser() user: Principal, @Body() photo: AddPhotoDto): Promise<PhotoView> {
    return this.photos.add(user.userId, photo);
  }
}
