#include "adapters/driving/validator/allowed.h"

#include <stdio.h>
#include <string.h>

struct place {
    const char *prefix;
    const char *set; /* of grants.system; NULL: everybody's */
};

/* The first that fits counts. */
static const struct place places[] = {
    {"/usr/share/zoneinfo", "timezones"},
    {"/etc/timezone", "timezones"},
    {"/usr/lib/locale", "locales"},
    {"/usr/share/locale", "locales"},
    {"/usr/share/i18n", "locales"},
    {"/usr/share/fonts", "fonts"},
    {"/etc/fonts", "fonts"},
    {"/usr/share/poppler", "fonts"},
    {"/etc/ssl/certs", "certificates"},
    {"/usr/share/ca-certificates", "certificates"},
    {"/etc/localtime", NULL}, /* the C library looks there even for UTC */
    {"/proc/meminfo", "machine"},
    {"/proc/loadavg", "machine"},
    {"/proc/uptime", "machine"},
    {"/lib", NULL},
    {"/usr/lib", NULL},
    {"/usr/local/lib", NULL},
    {"/etc/ld.so.", NULL},
    {"/etc/ssl/openssl.cnf", NULL},
    {"/proc/self", NULL},
    {"/proc/sys/vm", NULL},
    {"/proc/stat", NULL},
    {"/proc/cpuinfo", NULL},
    {"/sys/devices/system/cpu", NULL},
    {"/sys/fs/cgroup", NULL},
    {"/dev/null", NULL},
    {"/dev/urandom", NULL},
    {"/dev/random", NULL},
    {"/proc/sys/crypto", NULL},
};

static bool below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* Without "." and ".." and double slashes, by text alone. */
static void clean(const char *path, char *out, size_t size)
{
    size_t used = 0;
    while (*path) {
        path += strspn(path, "/");
        size_t len = strcspn(path, "/");
        if (len == 2 && path[0] == '.' && path[1] == '.') {
            while (used && out[--used] != '/')
                ;
        } else if (len && !(len == 1 && path[0] == '.') && used + len + 2 < size) {
            out[used++] = '/';
            memcpy(out + used, path, len);
            used += len;
        }
        path += len;
    }
    out[used] = '\0';
}

static bool granted_set(const struct trial *t, const char *set)
{
    struct json_iter it = json_iter(subject_grant(t->subject, "system"));
    while (json_next(&it))
        if (json_is(it.value, str_from(set)))
            return true;
    return false;
}

/* What the loader looks for in every folder of its search path, LD_LIBRARY_PATH included. */
static bool is_library(const char *path)
{
    const char *name = strrchr(path, '/');
    return name && strncmp(name, "/lib", 4) == 0 && strstr(name, ".so");
}

static bool allowed_path(const struct trial *t, const char *object, const char **asks)
{
    char path[512];
    clean(object, path, sizeof(path));
    if (!*path || below(path, t->subject->path) || below(path, t->scratch) || is_library(path))
        return true;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (strncmp(path, places[i].prefix, strlen(places[i].prefix)) != 0)
            continue;
        *asks = "ask for that part of the system by \"system\" in \"grants\"";
        return !places[i].set || granted_set(t, places[i].set);
    }
    *asks = "ask for files by \"paths\" in \"grants\" and open them by hexmcp.files/1";
    return false;
}

bool allowed_object(const struct trial *t, const char *what, const char *object, const char **asks)
{
    if (strcmp(what, "open a socket of") == 0) {
        *asks = "ask for hosts in \"grants\" and connect by hexmcp.http/1 or hexmcp.net/1";
        return false;
    }
    if (strcmp(what, "open") == 0 || strcmp(what, "make") == 0 || strcmp(what, "remove") == 0)
        return allowed_path(t, object, asks);
    *asks = "ask for programs in \"grants\" and start them by hexmcp.process/1";
    return false;
}
