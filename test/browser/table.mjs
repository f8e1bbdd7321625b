export function tableChecks() { return []; }
