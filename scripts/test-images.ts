// `node scripts/run.mjs test-images`: the images that tests run sandboxes from, built without a network.
import { busyboxImage, ensureBusyboxImage } from './provision/busybox-image.ts';

const result = await ensureBusyboxImage();
console.log(result === 'built' ? `Built ${busyboxImage}.` : `${busyboxImage} is up to date.`);
