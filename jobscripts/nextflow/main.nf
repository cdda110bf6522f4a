#!/usr/bin/env nextflow
// From measured data to a report: for each sample of the sheet, and each variant of its parameters.
//
//   nextflow run jobscripts/nextflow -profile local --input samples.csv --outdir results
//
// ../README.md explains the sheet, the steps, the profiles and what is retried.
nextflow.enable.dsl = 2

include { TESSERA_VALIDATE    } from './modules/local/tessera/validate/main'
include { TESSERA_PREPROCESS  } from './modules/local/tessera/preprocess/main'
include { TESSERA_CALIBRATE   } from './modules/local/tessera/calibrate/main'
include { TESSERA_RECONSTRUCT } from './modules/local/tessera/reconstruct/main'
include { TESSERA_RESOLUTION  } from './modules/local/tessera/resolution/main'
include { TESSERA_COMPARE     } from './modules/local/tessera/compare/main'
include { TESSERA_REPORT      } from './modules/local/tessera/report/main'

/** Each sample with each variant of its parameters. */
def as_variants(ch_sample, ch_variant) {
    ch_sample.combine(ch_variant).map { meta, config, data, extra, variant ->
        [[id: "${meta.id}.${variant.name}", sample: meta.id, folder: "${meta.id}/${variant.name}",
          sets: meta.sets + variant.sets], config, data, extra]
    }
}

workflow {
    Checks.parameters(params, "${projectDir}/nextflow_schema.json")
    steps = Checks.steps(params.steps)
    samples = Checks.samples(file(params.input, checkIfExists: true))
    variants = params.variants ? Checks.variants(file(params.variants, checkIfExists: true))
                               : [[name: 'default', sets: []]]

    // One item a sample: who it is, its run file, its data, and what else the run file names.
    ch_sample = Channel.fromList(samples).map { sample ->
        [[id: sample.name, folder: sample.name, sets: sample.sets],
         file(sample.config, checkIfExists: true),
         file(sample.data, checkIfExists: true),
         sample.extra.collectMany { pattern -> files(pattern, checkIfExists: true) }]
    }
    ch_variant = Channel.fromList(variants)
    ch_versions = Channel.empty()

    // Every combination is checked before anything is computed; a sample goes on when all of its own are right.
    if ('validate' in steps) {
        TESSERA_VALIDATE(as_variants(ch_sample, ch_variant), steps)
        ch_valid = TESSERA_VALIDATE.out.log
            .map { meta, log -> [meta.sample, meta.id] }
            .groupTuple(size: variants.size())
        ch_sample = ch_sample.map { item -> [item[0].id, item] }.join(ch_valid).map { it[1] }
        ch_versions = ch_versions.mix(TESSERA_VALIDATE.out.versions)
    }
    if ('preprocess' in steps) {
        TESSERA_PREPROCESS(ch_sample)
        ch_sample = TESSERA_PREPROCESS.out.run
            .join(ch_sample.map { meta, config, data, extra -> [meta, extra] })
        ch_versions = ch_versions.mix(TESSERA_PREPROCESS.out.versions)
    }
    if ('calibrate' in steps) {
        TESSERA_CALIBRATE(ch_sample)
        ch_sample = TESSERA_CALIBRATE.out.run
            .join(ch_sample.map { meta, config, data, extra -> [meta, data, extra] })
        ch_versions = ch_versions.mix(TESSERA_CALIBRATE.out.versions)
    }

    ch_run = as_variants(ch_sample, ch_variant)
    ch_found = Channel.empty() // what other steps found of a result, for its report
    TESSERA_RECONSTRUCT(ch_run)
    if ('calibrate' in steps) {
        ch_found = ch_found.mix(
            TESSERA_RECONSTRUCT.out.result
                .map { meta, result -> [meta.sample, meta] }
                .combine(TESSERA_CALIBRATE.out.found.map { meta, folder -> [meta.id, folder] }, by: 0)
                .map { sample, meta, folder -> [meta, folder] })
    }
    ch_versions = ch_versions.mix(TESSERA_RECONSTRUCT.out.versions)
    if ('resolution' in steps) {
        TESSERA_RESOLUTION(ch_run)
        ch_found = ch_found.mix(TESSERA_RESOLUTION.out.found)
        ch_versions = ch_versions.mix(TESSERA_RESOLUTION.out.versions)
    }
    if ('compare' in steps) {
        ch_reference = Channel.fromList(samples.findAll { it.reference })
            .map { [it.name, file(it.reference, checkIfExists: true)] }
        TESSERA_COMPARE(
            TESSERA_RECONSTRUCT.out.result
                .map { meta, result -> [meta.sample, meta, result] }
                .combine(ch_reference, by: 0)
                .map { sample, meta, result, reference -> [meta, result, reference] })
        ch_found = ch_found.mix(TESSERA_COMPARE.out.found)
        ch_versions = ch_versions.mix(TESSERA_COMPARE.out.versions)
    }
    if ('report' in steps) {
        // A report waits for all that will be found of its result, and no longer.
        referenced = 'compare' in steps ? samples.findAll { it.reference }.collect { it.name } : []
        others = 1 + ['resolution', 'calibrate'].count { it in steps }
        TESSERA_REPORT(
            TESSERA_RECONSTRUCT.out.result.mix(ch_found)
                .map { meta, found -> [groupKey(meta, others + (meta.sample in referenced ? 1 : 0)), found] }
                .groupTuple()
                .map { key, found -> [key.target, found] })
        ch_versions = ch_versions.mix(TESSERA_REPORT.out.versions)
    }
    ch_versions.unique { it.text }.collectFile(name: 'versions.yml', storeDir: "${params.outdir}/pipeline_info")

    // In the handler neither parameters nor file() are known.
    inputs = [params.input, params.variants].findAll().collect { file(it) } +
        samples.collectMany { sample ->
            [sample.config, sample.data, sample.reference].findAll().collect { file(it) } + sample.extra.collectMany { files(it) }
        }
    folders = samples.collectMany { sample -> [sample.name] + variants.collect { "${sample.name}/${it.name}".toString() } }
    asked = params
    outdir = file(params.outdir)
    meta = workflow
    workflow.onComplete { Crate.write(meta, asked, outdir, inputs, folders) }
}
