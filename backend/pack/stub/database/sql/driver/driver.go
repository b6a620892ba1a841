// Package driver takes the place of database/sql/driver in the WebAssembly. uuid
// names its Value; the tab has no database of SQL.
package driver

// Value is what a driver would be given.
type Value any
