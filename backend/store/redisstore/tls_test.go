package redisstore

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"maru/backend/store/redisstore/redistest"
)

// certificate writes one that nobody vouches for, and its key.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{
		"cert": {Type: "CERTIFICATE", Bytes: der}, "key": {Type: "PRIVATE KEY", Bytes: pkcs8},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "cert"), filepath.Join(dir, "key")
}

// rediss: speaks TLS, to a Redis with a password and a database of its own, and
// takes no certificate that nobody vouches for.
func TestTLS(t *testing.T) {
	cert, key := certificate(t)
	port := redistest.FreePort(t)
	redistest.Start(t, "--tls-port", strconv.Itoa(port), "--requirepass", "hunter2",
		"--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no")
	address := "rediss://:hunter2@localhost:" + strconv.Itoa(port) + "/3"
	s := open(t, address+"?skip_verify=true", Options{})
	say(t, s, room, "first")
	listen(t, s, room)
	for _, bad := range []string{address, strings.Replace(address, "hunter2", "hunter3", 1) + "?skip_verify=true",
		strings.Replace(address, "rediss", "redis", 1)} {
		s, err := Open(t.Context(), bad, Options{})
		if err == nil {
			t.Errorf("%s opens", bad)
			_ = s.Close()
		} else if strings.Contains(err.Error(), "hunter") {
			t.Errorf("the password is in %v", err)
		}
	}
}
