#include "adapters/driven/plugin_host/sandbox/system_sets.h"

#include "adapters/driven/plugin_host/sandbox/sandbox.h"
#include "core/base/str.h"

static const char *const libraries[] = {
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", NULL,
};
static const char *const timezones[] = {"/usr/share/zoneinfo", "/etc/localtime", "/etc/timezone", NULL};
static const char *const locales[] = {
    "/usr/lib/locale", "/usr/share/locale", "/usr/share/i18n", "/etc/locale.alias", NULL,
};
static const char *const fonts[] = {
    "/usr/share/fonts", "/usr/local/share/fonts", "/etc/fonts", "/usr/share/fontconfig",
    "/var/cache/fontconfig", "/usr/share/poppler", NULL,
};
/* Not all of /etc/ssl: its folder `private` holds keys. */
static const char *const certificates[] = {
    "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted", NULL,
};
/* What it is doing, told to every user: no names of users or programs. */
static const char *const machine[] = {
    "/proc/stat", "/proc/meminfo", "/proc/loadavg", "/proc/uptime", "/proc/cpuinfo",
    "/proc/self/mountinfo", "/proc/self/cgroup", "/sys/devices/system/cpu", "/sys/fs/cgroup", NULL,
};

static const struct {
    struct str name;
    const char *const *paths;
} sets[] = {
    {STR_INIT("libraries"), libraries}, {STR_INIT("timezones"), timezones},
    {STR_INIT("locales"), locales},     {STR_INIT("fonts"), fonts},
    {STR_INIT("certificates"), certificates}, {STR_INIT("machine"), machine},
};

const char *const *system_set_paths(struct str name)
{
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
        if (str_eq(sets[i].name, name))
            return sets[i].paths;
    return NULL;
}

const char *system_set_names(void)
{
    return "libraries, timezones, locales, fonts, certificates and machine";
}

bool sandbox_has_system_set(struct str name)
{
    return system_set_paths(name) != NULL;
}
