// Package keep is what the browser keeps for the chat: rooms in IndexedDB, and
// the lock by which one tab alone sends.
//
// It promises that a browser that keeps nothing, or is full, is an error and no
// more. It understands nothing of what it keeps, and must not know how things
// look. It does something in a browser only.
package keep
