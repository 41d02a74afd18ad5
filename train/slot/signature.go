package slot

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// SignatureSuffix is added to the name of a file for that of its detached signature: the
// 64 bytes of Ed25519 (RFC 8032) over the whole file, as `openssl pkeyutl -sign -rawin`
// makes them.
const SignatureSuffix = ".sig"

// Sign returns the signature of a file by a private key: a PEM file with PKCS #8, as
// `openssl genpkey -algorithm ed25519` makes it.
func Sign(path, keyPath string) ([]byte, error) {
	der, err := readPEM(keyPath, "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keyPath, err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s: is no Ed25519 key", keyPath)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ed25519.Sign(private, content), nil
}

// VerifySignature fails unless the signature beside a file is that of a public key: a
// PEM file, as `openssl pkey -pubout` makes it.
func VerifySignature(path, keyPath string) error {
	key, err := publicKey(keyPath)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	signature, err := os.ReadFile(path + SignatureSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: has no signature: %s is not there", path, path+SignatureSuffix)
	}
	if err != nil {
		return err
	}
	if !ed25519.Verify(key, content, signature) {
		return fmt.Errorf("%s: its signature is not by %s: the file was changed, or signed by somebody else", path, keyPath)
	}
	return nil
}

func publicKey(path string) (ed25519.PublicKey, error) {
	der, err := readPEM(path, "PUBLIC KEY")
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%s: is no Ed25519 key", path)
	}
	return public, nil
}

func readPEM(path, kind string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("%s: holds no PEM block %q", path, kind)
	}
	return block.Bytes, nil
}
