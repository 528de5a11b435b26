#include "core/policy/address.h"

#include "core/uri/address.h"
#include "core/uri/characters.h"

struct range {
    unsigned char start[16];
    unsigned char bits;
    unsigned char kind; /* enum address_kind */
};

/* The first that fits counts, so exceptions stand before what they are exceptions of. */
static const struct range ranges4[] = {
    {{169, 254, 169, 254}, 32, ADDRESS_METADATA},
    {{169, 254, 170, 2}, 32, ADDRESS_METADATA},
    {{169, 254, 170, 23}, 32, ADDRESS_METADATA},
    {{100, 100, 100, 200}, 32, ADDRESS_METADATA},
    {{168, 63, 129, 16}, 32, ADDRESS_METADATA},
    {{192, 0, 0, 192}, 32, ADDRESS_METADATA},
    {{0}, 8, ADDRESS_UNSPECIFIED},
    {{10}, 8, ADDRESS_PRIVATE},
    {{100, 64}, 10, ADDRESS_PRIVATE},
    {{127}, 8, ADDRESS_LOOPBACK},
    {{169, 254}, 16, ADDRESS_LINK_LOCAL},
    {{172, 16}, 12, ADDRESS_PRIVATE},
    {{192, 0, 0}, 24, ADDRESS_RESERVED},
    {{192, 0, 2}, 24, ADDRESS_DOCUMENTATION},
    {{192, 88, 99}, 24, ADDRESS_TUNNEL},
    {{192, 168}, 16, ADDRESS_PRIVATE},
    {{198, 18}, 15, ADDRESS_BENCHMARK},
    {{198, 51, 100}, 24, ADDRESS_DOCUMENTATION},
    {{203, 0, 113}, 24, ADDRESS_DOCUMENTATION},
    {{224}, 4, ADDRESS_MULTICAST},
    {{255, 255, 255, 255}, 32, ADDRESS_MULTICAST},
    {{240}, 4, ADDRESS_RESERVED},
    {{0}, 0, ADDRESS_PUBLIC},
};

/* Of NAT64: its last four bytes are an IPv4 address. */
static const struct range well_known = {{0, 0x64, 0xff, 0x9b}, 96, ADDRESS_TRANSLATED};

static const struct range ranges6[] = {
    {{0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54}, 128, ADDRESS_METADATA},
    {{0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54}, 128, ADDRESS_METADATA},
    {{0}, 128, ADDRESS_UNSPECIFIED},
    {{[15] = 1}, 128, ADDRESS_LOOPBACK},
    {{[10] = 0xff, [11] = 0xff}, 96, ADDRESS_TRANSLATED},
    {{[8] = 0xff, [9] = 0xff}, 96, ADDRESS_TRANSLATED},
    {{0}, 96, ADDRESS_TRANSLATED},
    {{0, 0x64, 0xff, 0x9b}, 32, ADDRESS_TRANSLATED},
    {{0x20, 1, 0, 0}, 32, ADDRESS_TUNNEL},
    {{0x20, 1, 0, 2, 0, 0}, 48, ADDRESS_BENCHMARK},
    {{0x20, 1}, 23, ADDRESS_RESERVED},
    {{0x20, 1, 0x0d, 0xb8}, 32, ADDRESS_DOCUMENTATION},
    {{0x20, 2}, 16, ADDRESS_TUNNEL},
    {{0x3f, 0xff, 0}, 20, ADDRESS_DOCUMENTATION},
    {{0x20}, 3, ADDRESS_PUBLIC},
    {{0xfc}, 7, ADDRESS_PRIVATE},
    {{0xfe, 0x80}, 10, ADDRESS_LINK_LOCAL},
    {{0xfe, 0xc0}, 10, ADDRESS_PRIVATE},
    {{0xff}, 8, ADDRESS_MULTICAST},
    {{0}, 0, ADDRESS_RESERVED},
};

static bool within(const struct range *range, const unsigned char *bytes)
{
    size_t whole = range->bits / 8u, rest = range->bits % 8u;
    if (memcmp(range->start, bytes, whole) != 0)
        return false;
    return rest == 0 || ((range->start[whole] ^ bytes[whole]) >> (8 - rest)) == 0;
}

/* The last range of a table takes everything. */
static enum address_kind find(const struct range *range, const unsigned char *bytes)
{
    while (!within(range, bytes))
        range++;
    return (enum address_kind)range->kind;
}

enum address_kind address_kind(const unsigned char *bytes, size_t len)
{
    if (len == 4)
        return find(ranges4, bytes);
    if (len != 16)
        return ADDRESS_RESERVED;
    if (within(&well_known, bytes) && find(ranges4, bytes + 12) == ADDRESS_PUBLIC)
        return ADDRESS_PUBLIC;
    return find(ranges6, bytes);
}

bool address_is_public(const unsigned char *bytes, size_t len)
{
    return address_kind(bytes, len) == ADDRESS_PUBLIC;
}

const char *address_kind_name(enum address_kind kind)
{
    static const char *const names[] = {
        [ADDRESS_PUBLIC] = "a public address",
        [ADDRESS_UNSPECIFIED] = "an unspecified address",
        [ADDRESS_LOOPBACK] = "a loopback address",
        [ADDRESS_PRIVATE] = "a private address",
        [ADDRESS_LINK_LOCAL] = "a link-local address",
        [ADDRESS_METADATA] = "a metadata address of a cloud",
        [ADDRESS_MULTICAST] = "a multicast address",
        [ADDRESS_DOCUMENTATION] = "an address for documentation",
        [ADDRESS_BENCHMARK] = "an address for benchmarks",
        [ADDRESS_TRANSLATED] = "an IPv4 address inside of an IPv6 address",
        [ADDRESS_TUNNEL] = "an address of a tunnel",
        [ADDRESS_RESERVED] = "a reserved address",
    };
    return names[kind];
}

static void read_ipv4(struct str text, unsigned char *bytes)
{
    unsigned value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '.') {
            *bytes++ = (unsigned char)value;
            value = 0;
        } else
            value = value * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *bytes = (unsigned char)value;
}

static size_t group_length(struct str text, size_t at)
{
    size_t end = at;
    while (end < text.len && hex_digit(text.ptr[end]) >= 0)
        end++;
    return end - at;
}

static void read_ipv6(struct str text, unsigned char bytes[16])
{
    unsigned char found[16] = {0};
    size_t count = 0, gap = 16;
    for (size_t at = 0; at < text.len;) {
        if (text.ptr[at] == ':') {
            if (at + 1 < text.len && text.ptr[at + 1] == ':')
                gap = count;
            at++;
            continue;
        }
        size_t len = group_length(text, at);
        if (at + len < text.len && text.ptr[at + len] == '.') {
            read_ipv4((struct str){text.ptr + at, text.len - at}, found + count);
            count += 4;
            break;
        }
        unsigned value = 0;
        for (size_t i = 0; i < len; i++)
            value = value * 16 + (unsigned)hex_digit(text.ptr[at + i]);
        found[count++] = (unsigned char)(value >> 8);
        found[count++] = (unsigned char)value;
        at += len;
    }
    size_t head = gap < count ? gap : count;
    memset(bytes, 0, 16);
    memcpy(bytes, found, head);
    memcpy(bytes + 16 - (count - head), found + head, count - head);
}

bool address_read(struct str text, unsigned char bytes[16], size_t *len)
{
    if (address_is_ipv4(text)) {
        read_ipv4(text, bytes);
        *len = 4;
    } else if (address_is_ipv6(text)) {
        read_ipv6(text, bytes);
        *len = 16;
    } else {
        return false;
    }
    return true;
}
