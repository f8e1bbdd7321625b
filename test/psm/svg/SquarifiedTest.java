package psm.svg;
class SquarifiedTest {}
