package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
)

// compress returns data as Brotli and as gzip, as small as they get, or quickly.
func compress(data []byte, quick bool) (br, gz []byte, err error) {
	brotliLevel, gzipLevel := brotli.BestCompression, gzip.BestCompression
	if quick {
		brotliLevel, gzipLevel = 5, gzip.BestSpeed
	}
	var brErr, gzErr error
	var group sync.WaitGroup
	group.Go(func() {
		br, brErr = through(data, func(w io.Writer) (io.WriteCloser, error) {
			return brotli.NewWriterLevel(w, brotliLevel), nil
		})
	})
	group.Go(func() {
		gz, gzErr = through(data, func(w io.Writer) (io.WriteCloser, error) {
			return gzip.NewWriterLevel(w, gzipLevel)
		})
	})
	group.Wait()
	if brErr != nil {
		return nil, nil, fmt.Errorf("brotli: %w", brErr)
	}
	if gzErr != nil {
		return nil, nil, fmt.Errorf("gzip: %w", gzErr)
	}
	return br, gz, nil
}

// through returns what a compressor makes of data.
func through(data []byte, open func(io.Writer) (io.WriteCloser, error)) ([]byte, error) {
	var out bytes.Buffer
	w, err := open(&out)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
