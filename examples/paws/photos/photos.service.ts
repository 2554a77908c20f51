import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { AddPhotoDto } from './add-photo.dto.js';
import type { PhotoView } from './photo.view.js';
import { Photo } from './photo.js';

@Injectable()
export class PhotosService {
  constructor(@InjectRepository(Photo) private readonly photos: Repository<Photo>) {}

  /** Oldest first. Nobody owns nothing. */
  async of(userId: string | undefined): Promise<Photo[]> {
    if (userId === undefined) return [];
    return this.photos.find({ where: { userId }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /**
   * One statement, so that the dog can't change hands between the question whose it is and the picture.
   * @throws NotFoundException `PET_NOT_FOUND`, also for a dog of somebody else.
   */
  async add(userId: string, { petId, url }: AddPhotoDto): Promise<PhotoView> {
    const [photo] = await this.photos.query<PhotoView[]>(
      `INSERT INTO photo (user_id, pet_id, url)
       SELECT user_id, id, $3 FROM pet WHERE id = $2 AND user_id = $1
       RETURNING id, pet_id AS "petId", url`,
      [userId, petId, url],
    );
    if (photo) return photo;
    throw new NotFoundException({
      statusCode: 404,
      code: 'PET_NOT_FOUND',
      message: 'You have no such dog.',
    });
  }
}
