// Stands in for an optional dependency of an animation library (cdn.html); the built page leaves it out.
export {};
