/** Area codes whose 555-0100 to 555-0199 are set aside for fiction; 212 is left to targets and destinations. */
const AREA_CODES = [
  202, 203, 205, 206, 207, 208, 209, 210, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234,
  239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 303, 304, 305, 307,
  308, 309, 310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330, 331, 334,
];
const PER_AREA = 100;

/** The fictional numbers from the `from`th on, E.164: +12025550100, +12025550101 … */
export function fictionalNumbers(count: number, from = 0): string[] {
  if (from + count > AREA_CODES.length * PER_AREA)
    throw new Error('There are no more fictional numbers: add area codes.');
  return Array.from({ length: count }, (_, index) => {
    const at = from + index;
    return `+1${AREA_CODES[Math.floor(at / PER_AREA)]}55501${String(at % PER_AREA).padStart(2, '0')}`;
  });
}
