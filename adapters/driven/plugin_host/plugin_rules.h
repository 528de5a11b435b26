/* The rules by which the host judges a bundle, for programs that ask without running a plugin. */
#pragma once

#include "adapters/driven/plugin_host/abi_check.h"
#include "adapters/driven/plugin_host/digest.h"
#include "adapters/driven/plugin_host/elf_image.h"
#include "adapters/driven/plugin_host/elf_survey.h"
#include "adapters/driven/plugin_host/manifest.h"
#include "adapters/driven/plugin_host/mapping.h"
#include "adapters/driven/plugin_host/names.h"
#include "adapters/driven/plugin_host/open_beneath.h"
#include "adapters/driven/plugin_host/trust.h"
