// SPDX-License-Identifier: Apache-2.0
//
// torch.utils.data and torchvision's datasets and transforms: datasets, loaders, files.
#ifndef TESSERA_DATA_DATA_H_
#define TESSERA_DATA_DATA_H_

#include "tessera/data/any_dataset.h"          // IWYU pragma: export
#include "tessera/data/batch_sampler.h"        // IWYU pragma: export
#include "tessera/data/char_vocabulary.h"      // IWYU pragma: export
#include "tessera/data/cifar10.h"              // IWYU pragma: export
#include "tessera/data/collate.h"              // IWYU pragma: export
#include "tessera/data/concat_dataset.h"       // IWYU pragma: export
#include "tessera/data/csv.h"                  // IWYU pragma: export
#include "tessera/data/csv_dataset.h"          // IWYU pragma: export
#include "tessera/data/csv_encoder.h"          // IWYU pragma: export
#include "tessera/data/csv_table.h"            // IWYU pragma: export
#include "tessera/data/data_loader.h"          // IWYU pragma: export
#include "tessera/data/data_loader_options.h"  // IWYU pragma: export
#include "tessera/data/dataset.h"              // IWYU pragma: export
#include "tessera/data/example.h"              // IWYU pragma: export
#include "tessera/data/idx.h"                  // IWYU pragma: export
#include "tessera/data/image_geometry.h"       // IWYU pragma: export
#include "tessera/data/image_transforms.h"     // IWYU pragma: export
#include "tessera/data/iterable_dataset.h"     // IWYU pragma: export
#include "tessera/data/map_dataset.h"          // IWYU pragma: export
#include "tessera/data/mnist.h"                // IWYU pragma: export
#include "tessera/data/mnist_download.h"       // IWYU pragma: export
#include "tessera/data/npy.h"                  // IWYU pragma: export
#include "tessera/data/npz.h"                  // IWYU pragma: export
#include "tessera/data/pad_collate.h"          // IWYU pragma: export
#include "tessera/data/read_whole_file.h"      // IWYU pragma: export
#include "tessera/data/sampler.h"              // IWYU pragma: export
#include "tessera/data/simple_imputer.h"       // IWYU pragma: export
#include "tessera/data/standard_scaler.h"      // IWYU pragma: export
#include "tessera/data/subset.h"               // IWYU pragma: export
#include "tessera/data/synthetic_digits.h"     // IWYU pragma: export
#include "tessera/data/tensor_dataset.h"       // IWYU pragma: export
#include "tessera/data/text_dataset.h"         // IWYU pragma: export
#include "tessera/data/transforms.h"           // IWYU pragma: export

#endif  // TESSERA_DATA_DATA_H_
