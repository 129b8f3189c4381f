mac.v
mac_pair.v
