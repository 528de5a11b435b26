/* BLAKE3 of hexmcp beside SHA-256 of OpenSSL, in processor time: digest [MiB]. For the program b3sum:
 * time b3sum --num-threads 1 FILE. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/digest/blake3.h"

#define ROUNDS 5

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void hash_blake3(const char *data, size_t len, unsigned char *digest)
{
    blake3((struct str){data, len}, digest);
}

static void hash_sha256(const char *data, size_t len, unsigned char *digest)
{
    EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL);
}

static void measure(const char *name, const char *data, size_t len,
                    void (*hash)(const char *data, size_t len, unsigned char *digest))
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    double best = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double begin = seconds();
        hash(data, len, digest);
        double took = seconds() - begin;
        best = took < best ? took : best;
    }
    printf("%-8s %6.0f MB/s\n", name, (double)len / 1e6 / best);
}

int main(int argc, char **argv)
{
    size_t len = (size_t)(argc > 1 ? atol(argv[1]) : 64) << 20;
    char *data = malloc(len + 1);
    if (!data)
        return 1;
    memset(data, 7, len);
    measure("BLAKE3", data, len, hash_blake3);
    measure("SHA-256", data, len, hash_sha256);
    free(data);
    return 0;
}
