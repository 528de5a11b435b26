/*
 * Names that resolve as the variable FAKE_NAMES says, for tests of rebinding through the real program:
 *
 *     LD_PRELOAD=fake_names.so FAKE_NAMES="a.test=127.0.0.1 b.test=127.0.0.2,127.0.0.1"
 *
 * The addresses of a name take turns, from one question to the next; the last one stays.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MOST 8

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static size_t asked[NAMES_MOST];

/* The address for this question; false if the name is not ours. */
static int find(const char *name, char out[64])
{
    const char *at = getenv("FAKE_NAMES");
    for (size_t i = 0; at && *at && i < NAMES_MOST; i++) {
        size_t whole = strcspn(at, " "), len = strcspn(at, "=");
        if (len == strlen(name) && strncmp(at, name, len) == 0) {
            const char *address = at + len + 1, *end = at + whole;
            pthread_mutex_lock(&mutex);
            for (size_t turn = asked[i]++; turn > 0; turn--) {
                const char *comma = memchr(address, ',', (size_t)(end - address));
                address = comma ? comma + 1 : address;
            }
            pthread_mutex_unlock(&mutex);
            snprintf(out, 64, "%.*s", (int)strcspn(address, ", "), address);
            return 1;
        }
        at += whole + (at[whole] == ' ');
    }
    return 0;
}

__attribute__((visibility("default"))) int getaddrinfo(const char *name, const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **out)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    char address[64];
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(name && find(name, address) ? address : name, service, hints, out);
}
