# SPDX-License-Identifier: MIT
"""Uses a token as programs in Python do, with PyKCS11: use_token.py MODULE FOLDER"""

import sys

from PyKCS11 import *

module, folder = sys.argv[1:]
lib = PyKCS11Lib()
lib.load(module)
print(lib.getInfo().to_dict())
slot = lib.getSlotList(tokenPresent=True)[0]
print(lib.getSlotInfo(slot).to_dict())
print(lib.getTokenInfo(slot).to_dict())
print([(name, lib.getMechanismInfo(slot, name).to_dict()) for name in lib.getMechanismList(slot)])

session = lib.openSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION)
print(session.getSessionInfo().to_dict())
try:
    session.login("4321")
except PyKCS11Error as error:
    print(error)
session.login("1234")

print(bytes(session.digest(b"abc", Mechanism(CKM_SHA256, None))).hex())
digest = session.digestSession(Mechanism(CKM_SHA_1, None))
digest.update(b"a")
digest.update(b"bc")
print(bytes(digest.final()).hex())

# The value is known, so what comes of it is the same each time.
key = session.createObject([
    (CKA_CLASS, CKO_SECRET_KEY), (CKA_KEY_TYPE, CKK_AES), (CKA_VALUE, bytes(range(16))), (CKA_LABEL, "aes"),
    (CKA_TOKEN, False), (CKA_PRIVATE, True), (CKA_ENCRYPT, True), (CKA_DECRYPT, True), (CKA_SIGN, True),
    (CKA_WRAP, True), (CKA_UNWRAP, True), (CKA_EXTRACTABLE, True), (CKA_SENSITIVE, False)])
for mechanism in (Mechanism(CKM_AES_ECB, None), Mechanism(CKM_AES_CBC_PAD, bytes(16)),
                  AES_GCM_Mechanism(bytes(12), b"header", 128)):
    encrypted = session.encrypt(key, b"0123456789abcdef", mechanism)
    print(bytes(encrypted).hex(), bytes(session.decrypt(key, encrypted, mechanism)))
wrapped = session.wrapKey(key, key, Mechanism(CKM_AES_KEY_WRAP, None))
print(bytes(wrapped).hex())

private = session.findObjects([(CKA_CLASS, CKO_PRIVATE_KEY), (CKA_LABEL, "rsa")])[0]
public = session.findObjects([(CKA_CLASS, CKO_PUBLIC_KEY), (CKA_LABEL, "rsa")])[0]
print(session.getAttributeValue(public, [CKA_LABEL, CKA_MODULUS_BITS, CKA_ENCRYPT, CKA_VERIFY, CKA_ID]))
signature = session.sign(private, b"hello", Mechanism(CKM_SHA256_RSA_PKCS, None))
open(folder + "/rsa.sig", "wb").write(bytes(signature))
print(session.verify(public, b"hello", signature, Mechanism(CKM_SHA256_RSA_PKCS, None)))
print(session.verify(public, b"other", signature, Mechanism(CKM_SHA256_RSA_PKCS, None)))
encrypted = session.encrypt(public, b"abc", RSAOAEPMechanism(CKM_SHA_1, CKG_MGF1_SHA1))
print(bytes(session.decrypt(private, encrypted, RSAOAEPMechanism(CKM_SHA_1, CKG_MGF1_SHA1))))

# Of what goes wrong, the same is said.
for mistake in (lambda: session.sign(public, b"abc", Mechanism(CKM_SHA256_RSA_PKCS, None)),
                lambda: session.encrypt(key, b"no block", Mechanism(CKM_AES_ECB, None)),
                lambda: session.decrypt(key, b"no block", Mechanism(CKM_AES_CBC_PAD, bytes(16))),
                lambda: session.digest(b"abc", Mechanism(CKM_AES_ECB, None))):
    try:
        print(mistake())
    except PyKCS11Error as error:
        print(error)

pair = session.generateKeyPair(
    [(CKA_MODULUS_BITS, 2048), (CKA_PUBLIC_EXPONENT, (1, 0, 1)), (CKA_TOKEN, False), (CKA_VERIFY, True)],
    [(CKA_TOKEN, False), (CKA_SIGN, True)])
signature = session.sign(pair[1], b"abc", Mechanism(CKM_SHA512_RSA_PKCS, None))
print(session.verify(pair[0], b"abc", signature, Mechanism(CKM_SHA512_RSA_PKCS, None)))
print(len(session.findObjects()), len(session.generateRandom(16)))
for item in (key, *pair):
    session.destroyObject(item)
print(len(session.findObjects()))
session.logout()
print(len(session.findObjects()))
session.closeSession()
lib.closeAllSessions(slot)
