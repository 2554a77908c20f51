/** Every entry of the package, by the way that this folder loads packages. */
export { AnonymousModule as LibraryOfFeatures } from 'nestjs-anonymous';
export { ensureSession } from 'nestjs-anonymous/client';
export { checkMerge } from 'nestjs-anonymous/testing';
