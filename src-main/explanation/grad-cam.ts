/** Activations of one layer for one image, or the gradient of a score with respect to them: `[rows × columns, channels]`. */
export type FeatureImage = ArrayLike<number>;

/** A map `[rows × columns]` of activations and the gradient of a class's score. */
export type ClassActivation = (
  activations: FeatureImage,
  gradient: FeatureImage,
  channels: number,
) => Float32Array;

/**
 * Grad-CAM (Selvaraju et al. 2017): the channels' activations added up, each weighted by the mean of its gradient over all places; what speaks
 * against the class is left out.
 */
export const gradCam: ClassActivation = (activations, gradient, channels) => {
  const places = activations.length / channels;
  const weights = new Float64Array(channels);
  for (let i = 0; i < gradient.length; i++) weights[i % channels] += gradient[i] / places;
  return weightedSum(activations, weights);
};

/** Keeps a share from dividing by nothing. */
const LEAST = 1e-7;

/**
 * Grad-CAM++ (Chattopadhay et al. 2018): as Grad-CAM, but each channel's weight is the sum of its positive gradients, each with the share
 * α = g² / (2 g² + Σ A · g³), the sum over all places: small patterns count beside large ones. The class's score goes through an exponential in the
 * paper, which scales the whole map and cancels out in α.
 */
export const gradCamPlusPlus: ClassActivation = (activations, gradient, channels) => {
  const sums = new Float64Array(channels);
  for (let i = 0; i < activations.length; i++) sums[i % channels] += activations[i];
  const weights = new Float64Array(channels);
  for (let i = 0; i < gradient.length; i++) {
    const g = gradient[i];
    if (g <= 0) continue;
    const share = (g * g) / (2 * g * g + sums[i % channels] * g ** 3 + LEAST);
    weights[i % channels] += share * g;
  }
  return weightedSum(activations, weights);
};

function weightedSum(activations: FeatureImage, weights: Float64Array): Float32Array {
  const channels = weights.length;
  const map = new Float32Array(activations.length / channels);
  for (let place = 0; place < map.length; place++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      sum += weights[channel] * activations[place * channels + channel];
    map[place] = Math.max(0, sum);
  }
  return map;
}
