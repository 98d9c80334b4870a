// SPDX-License-Identifier: MIT

import java.io.ByteArrayOutputStream;
import java.nio.file.*;
import java.security.*;
import java.util.*;
import java.util.concurrent.*;
import javax.crypto.*;
import javax.crypto.spec.*;

/** Uses a token as programs in Java do, with SunPKCS11: UseToken CONFIGURATION PIN FOLDER. */
class UseToken {
    static final int THREADS = 8, ROUNDS = 25;

    public static void main(String[] arguments) throws Exception {
        Provider token = Security.getProvider("SunPKCS11").configure(arguments[0]);
        Security.addProvider(token);
        System.out.println(token.getName() + ", " + token.getServices().size() + " services");
        KeyStore store = KeyStore.getInstance("PKCS11", token);
        store.load(null, arguments[1].toCharArray());
        List<String> names = Collections.list(store.aliases());
        Collections.sort(names);
        System.out.println(names);
        PrivateKey key = (PrivateKey) store.getKey("kt", null);
        PublicKey publicKey = store.getCertificate("kt").getPublicKey();
        Files.write(Path.of(arguments[2], "kt.der"), publicKey.getEncoded());

        // A user is logged in as long as a session is open, and Java closes those that nothing goes on in.
        Signature lasting = Signature.getInstance("SHA256withRSA", token);
        lasting.initSign(key);

        Signature signature = Signature.getInstance("SHA256withRSA", token);
        signature.initSign(key);
        signature.update("hello".getBytes());
        Files.write(Path.of(arguments[2], "rsa.sig"), signature.sign());
        System.out.print(work(token, key, publicKey, 0));
        mistakes(token, key);

        // Everybody does the same at once, each with objects of its own, as Java asks for.
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<String>> results = new ArrayList<>();
        for (int number = 0; number < THREADS; number++) {
            final int own = number;
            results.add(threads.submit(() -> {
                start.await();
                StringBuilder said = new StringBuilder();
                for (int round = 0; round < ROUNDS; round++) { said.append(work(token, key, publicKey, own * ROUNDS + round)); }
                return said.toString();
            }));
        }
        start.countDown();
        MessageDigest all = MessageDigest.getInstance("SHA-256", "SUN");
        for (Future<String> result : results) { all.update(result.get().getBytes()); }
        threads.shutdown();
        System.out.println(THREADS + " threads: " + HexFormat.of().formatHex(all.digest()));
        lasting.update("hello".getBytes());
        System.out.println(Arrays.equals(lasting.sign(), Files.readAllBytes(Path.of(arguments[2], "rsa.sig"))));
    }

    /** Says what is the same each time, and fails if Java's own cryptography thinks otherwise. */
    static String work(Provider token, PrivateKey key, PublicKey publicKey, int number) throws Exception {
        StringBuilder said = new StringBuilder();
        byte[] data = ("some data, number " + number).getBytes();
        said.append(both("SHA-256", digest(token, data), digest(Security.getProvider("SUN"), data)));

        SecretKeySpec bytes = new SecretKeySpec(Arrays.copyOf(digest(token, new byte[] { 1 }), 16), "AES");
        SecretKey secret = SecretKeyFactory.getInstance("AES", token).translateKey(bytes);
        Provider own = Security.getProvider("SunJCE");
        for (String mode : new String[] { "AES/CBC/PKCS5Padding", "AES/CTR/NoPadding" }) {
            byte[] encrypted = cipher(token, mode, Cipher.ENCRYPT_MODE, secret, data, number);
            said.append(both(mode, encrypted, cipher(own, mode, Cipher.ENCRYPT_MODE, bytes, data, number)));
            same(mode, cipher(token, mode, Cipher.DECRYPT_MODE, secret, encrypted, number), data);
        }

        SecretKeySpec macBytes = new SecretKeySpec(new byte[32], "HmacSHA256");
        said.append(both("HMAC", mac(token, macBytes, data), mac(own, macBytes, data)));

        Signature signature = Signature.getInstance("SHA256withRSA", token);
        signature.initSign(key);
        for (byte one : data) { signature.update(one); }
        byte[] signed = signature.sign();
        for (Provider provider : new Provider[] { token, Security.getProvider("SunRsaSign") }) {
            Signature verification = Signature.getInstance("SHA256withRSA", provider);
            verification.initVerify(publicKey);
            verification.update(data);
            if (!verification.verify(signed)) { throw new Exception(provider + ": a signature is not right"); }
        }
        Cipher rsa = Cipher.getInstance("RSA/ECB/PKCS1Padding", own);
        rsa.init(Cipher.ENCRYPT_MODE, publicKey);
        byte[] encrypted = rsa.doFinal(data);
        rsa = Cipher.getInstance("RSA/ECB/PKCS1Padding", token);
        rsa.init(Cipher.DECRYPT_MODE, key);
        same("RSA", rsa.doFinal(encrypted), data);
        return said.toString();
    }

    /** Operations that are given up half way, and calls that fail. */
    static void mistakes(Provider token, PrivateKey key) throws Exception {
        SecretKey secret = new SecretKeySpec(new byte[16], "AES");
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding", token);
        cipher.init(Cipher.ENCRYPT_MODE, secret, new IvParameterSpec(new byte[16]));
        cipher.update(new byte[20]);
        cipher.init(Cipher.DECRYPT_MODE, secret, new IvParameterSpec(new byte[16]));
        try {
            cipher.doFinal(new byte[20]);
        } catch (GeneralSecurityException | ProviderException error) {
            System.out.println(error + " because of " + error.getCause());
        }
        MessageDigest digest = MessageDigest.getInstance("SHA-256", token);
        digest.update(new byte[1000]);
        digest.reset();
        System.out.println(HexFormat.of().formatHex(digest.digest("abc".getBytes())));
        Signature signature = Signature.getInstance("SHA256withRSA", token);
        signature.initSign(key);
        signature.update(new byte[1000]);
        signature.initSign(key);
        signature.update("abc".getBytes());
        System.out.println(signature.sign().length);
        Mac mac = Mac.getInstance("HmacSHA256", token);
        mac.init(new SecretKeySpec(new byte[32], "HmacSHA256"));
        mac.update(new byte[100]);
        mac.reset();
        System.out.println(HexFormat.of().formatHex(mac.doFinal("abc".getBytes())));
    }

    static byte[] digest(Provider provider, byte[] data) throws Exception {
        return MessageDigest.getInstance("SHA-256", provider).digest(data);
    }

    static byte[] mac(Provider provider, SecretKey key, byte[] data) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256", provider);
        mac.init(key);
        mac.update(data, 0, 5);
        return mac.doFinal(Arrays.copyOfRange(data, 5, data.length));
    }

    static byte[] cipher(Provider provider, String mode, int direction, SecretKey key, byte[] data, int number) throws Exception {
        byte[] start = new byte[16];
        start[0] = (byte) number;
        Cipher cipher = Cipher.getInstance(mode, provider);
        cipher.init(direction, key, new IvParameterSpec(start));
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        byte[] part = cipher.update(data, 0, 7);
        if (part != null) { result.write(part); }
        result.write(cipher.doFinal(data, 7, data.length - 7));
        return result.toByteArray();
    }

    static String both(String what, byte[] token, byte[] own) throws Exception {
        same(what, token, own);
        return what + " " + HexFormat.of().formatHex(token) + "\n";
    }

    static void same(String what, byte[] one, byte[] other) throws Exception {
        if (!Arrays.equals(one, other)) { throw new Exception(what + ": not what Java's own cryptography says"); }
    }
}
