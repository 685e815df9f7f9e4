/** The size of an image `[height, width, channels]`. */
export interface ImageSize {
  height: number;
  width: number;
  channels: number;
}
