/* IP addresses as text. */
#pragma once

#include "core/base/str.h"

/* Four decimal numbers without leading zeros. */
bool address_is_ipv4(struct str text);

/* RFC 4291, section 2.2, without brackets and zone. */
bool address_is_ipv6(struct str text);
