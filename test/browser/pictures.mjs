export function pictureChecks() { return []; }
