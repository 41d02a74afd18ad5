package slot

import (
	"crypto/ed25519"
	"encoding/asn1"
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
	private, err := parsePrivate(der)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keyPath, err)
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
	key, err := parsePublic(der)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// The keys are those of RFC 8410. crypto/x509 reads them, too, but brings all that it
// takes to open TLS connections: two megabytes of a program that opens none.

// ed25519OID is id-Ed25519.
var ed25519OID = asn1.ObjectIdentifier{1, 3, 101, 112}

type algorithmIdentifier struct{ Algorithm asn1.ObjectIdentifier }

var errNoKey = errors.New("is no Ed25519 key")

func parsePrivate(der []byte) (ed25519.PrivateKey, error) {
	var key struct {
		Version    int
		Algorithm  algorithmIdentifier
		PrivateKey []byte
		Attributes asn1.RawValue `asn1:"optional,tag:0"`
		PublicKey  asn1.RawValue `asn1:"optional,tag:1"`
	}
	var seed []byte
	rest, err := asn1.Unmarshal(der, &key)
	if err == nil && len(rest) == 0 && key.Algorithm.Algorithm.Equal(ed25519OID) {
		rest, err = asn1.Unmarshal(key.PrivateKey, &seed)
	}
	if err != nil || len(rest) != 0 || len(seed) != ed25519.SeedSize {
		return nil, errNoKey
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func parsePublic(der []byte) (ed25519.PublicKey, error) {
	var key struct {
		Algorithm algorithmIdentifier
		PublicKey asn1.BitString
	}
	rest, err := asn1.Unmarshal(der, &key)
	if err != nil || len(rest) != 0 || !key.Algorithm.Algorithm.Equal(ed25519OID) || len(key.PublicKey.Bytes) != ed25519.PublicKeySize || key.PublicKey.BitLength != 8*ed25519.PublicKeySize {
		return nil, errNoKey
	}
	return key.PublicKey.Bytes, nil
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
