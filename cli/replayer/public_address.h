// Addresses of sinks may hold a password, postgres://USER:PASSWORD@HOST/DB. What people and files
// get to see of an address has none.
#ifndef GROUNDHOG_CLI_REPLAYER_PUBLIC_ADDRESS_H_
#define GROUNDHOG_CLI_REPLAYER_PUBLIC_ADDRESS_H_

#include <span>
#include <string>

namespace groundhog::cli {

// The address without its password; any other text as it is.
std::string PublicAddress(const std::string& address);

// Overwrites the passwords in addresses among a command line's words, where `ps` would show them.
void HidePasswords(std::span<char* const> arguments);

}  // namespace groundhog::cli

#endif  // GROUNDHOG_CLI_REPLAYER_PUBLIC_ADDRESS_H_
