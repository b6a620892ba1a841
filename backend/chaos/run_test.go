package main

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A short run on the real binary, with three instances on a Redis, is part of
// the tests: the long one is `make chaos`.
func TestShortRun(t *testing.T) {
	binary, err := filepath.Abs(cmp.Or(os.Getenv("MARU_BIN"), "../../bin/maru"))
	if err != nil {
		t.Fatal(err)
	}
	p := plan{Seed: 1, Duration: 12 * time.Second, Binary: binary, Store: "redis", Instances: 3, People: 5, Stock: 1, Rooms: 2, Rate: 20,
		Keep: "../../bin/histories", Out: t.Output()}
	if err := chaos(t.Context(), p); err != nil {
		t.Error(err)
	}
}
