cache_ram.v
register_file.v
way_replacement.v
cache_registers.v
data_cache.v
